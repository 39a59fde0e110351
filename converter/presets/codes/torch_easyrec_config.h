// What TorchEasyRec's pipeline.config says about a MultiTowerDIN.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "converter/network.h"

namespace dinghy::converter {

struct TorchEasyRecConfig {
  struct Feature {
    std::string name;
    std::string embedding;                                     // the name of its table; empty for numbers
    std::uint32_t width = 1;                                   // of numbers
    std::optional<format::Role> role;                          // by the side of its expression, "user:user_id"
    std::vector<std::pair<std::string, std::uint64_t>> words;  // of vocab_list, with their rows; none: ids are rows
    std::uint64_t unknown_row = 0;                             // of what is no word
  };
  struct Tower {
    std::string group;
    std::vector<std::string> features;                 // in the order of its input
    std::optional<format::ActivationKind> activation;  // none where the tensors tell: Dice, PReLU
  };
  struct Din {
    std::string group;
    std::vector<std::string> query, sequence;  // side by side in this order
    std::optional<format::ActivationKind> activation;
  };

  std::string source;
  std::vector<Feature> features;
  std::vector<Tower> towers;
  Din din;
  std::optional<format::ActivationKind> final_activation;
  std::optional<format::Link> link;
  std::uint32_t max_length = 0;  // 0: it does not say

  /// Throws Error for a name that no feature has.
  const Feature& feature(const std::string& name) const;
};

/// Reads the document pipeline.config; nothing without one. Throws Error for networks and features that are not
/// converted, by their names.
std::optional<TorchEasyRecConfig> read_torch_easyrec_config(const Checkpoint& checkpoint);

}  // namespace dinghy::converter
