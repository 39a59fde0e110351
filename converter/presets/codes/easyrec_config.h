// What EasyRec's pipeline.config says about a MultiTowerDIN.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "converter/tensor.h"
#include "model_generated.h"

namespace dinghy::converter {

struct EasyRecConfig {
  enum class Kind { id, sequence, raw };
  struct Feature {
    std::string name;
    Kind kind = Kind::id;
    std::string embedding;           // embedding_name; empty without one
    std::uint64_t hash_buckets = 0;  // 0 where ids are rows, or have a vocabulary
    std::vector<std::string> words;  // vocab_list
    std::string vocabulary_file;     // vocab_file
    std::uint32_t width = 1;         // raw
  };
  struct Tower {
    std::string group, activation;
    std::vector<std::string> features;  // in the order of its input
  };
  struct Din {
    std::string group, activation;
    std::vector<std::pair<std::string, std::string>> fields;  // key, hist_seq
  };

  std::string source;
  std::vector<Feature> features;
  std::vector<Tower> towers;
  Din din;
  std::string final_activation;
  format::Link link = format::Link::sigmoid;

  /// Throws Error for a name that no feature has.
  const Feature& feature(const std::string& name) const;
};

/// Reads the document pipeline.config. Throws Error without one, and for networks and features that are not converted,
/// by their names.
EasyRecConfig read_easyrec_config(const Checkpoint& checkpoint);

}  // namespace dinghy::converter
