// FuxiCTR's feature_map.json: what the features are, in the order in which the network takes them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "converter/tensor.h"

namespace dinghy::converter {

struct FuxictrFeature {
  enum class Type { numeric, categorical, sequence, embedding };

  std::string name;
  Type type = Type::categorical;
  std::string source;   // "user", "item", "context" or a word of the data set's own; often empty
  std::string share;    // share_embedding: the feature whose table it has; empty: a table of its own
  std::string encoder;  // feature_encoder, a Python expression; empty: none
  std::uint32_t max_length = 0;
  std::optional<std::int64_t> padding_row;
  std::optional<std::int64_t> unknown_row;  // oov_idx, in the map only beside pretrained tables
  bool frozen = false;                      // freeze_emb of a pretrained table

  /// A sequence whose behaviours are pooled without attention: a bag of ids.
  bool is_pooled() const { return type == Type::sequence && encoder.find("Pooling") != std::string::npos; }
  /// A sequence that an attention layer compares with a candidate.
  bool is_history() const { return type == Type::sequence && !is_pooled(); }
  /// The feature whose table it has.
  const std::string& table_owner() const { return share.empty() ? name : share; }
};

/// Reads feature_map.json of FuxiCTR 2 ("features") and 1 ("feature_specs"); features of the type "meta" are no input
/// of the network and left out. Throws Error for another form.
std::vector<FuxictrFeature> read_feature_map(const Document& document);

}  // namespace dinghy::converter
