// FuxiCTR's feature_map.json: what the features are, in the order in which the network takes them. What the training's
// parameters changed of it is merged in.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "converter/presets/codes/fuxictr_encoders.h"
#include "converter/presets/codes/fuxictr_log.h"
#include "converter/tensor.h"

namespace dinghy::converter {

struct FuxictrFeature {
  enum class Type { numeric, categorical, sequence, embedding };

  std::string name;
  Type type = Type::categorical;
  std::string source;                    // "user", "item", "context" or a word of the data set's own; often empty
  std::string share;                     // share_embedding: the feature whose table it has; empty: a table of its own
  std::vector<FuxictrEncoder> encoders;  // feature_encoder
  std::uint32_t max_length = 0;
  std::uint32_t numbers = 1;  // of a row: pretrain_dim of an embedding
  std::optional<std::int64_t> padding_row;
  std::optional<std::int64_t> unknown_row;  // oov_idx, in the map only beside pretrained tables
  bool frozen = false;                      // freeze_emb of a pretrained table
  std::string usage;                        // pretrain_usage of a pretrained table: "init", "sum", "concat"

  /// A sequence whose behaviours are pooled without attention: a bag of ids.
  bool is_pooled() const { return type == Type::sequence && pooling() != encoders.end(); }
  /// A sequence that an attention layer compares with a candidate.
  bool is_history() const { return type == Type::sequence && !is_pooled(); }
  bool has_table() const { return type == Type::categorical || type == Type::sequence; }
  /// What each row of a table goes through, and what the one vector that a feature gives.
  std::span<const FuxictrEncoder> encoders_of_rows() const;
  std::span<const FuxictrEncoder> encoders_of_vector() const;
  /// The feature whose table it has.
  const std::string& table_owner() const { return share.empty() ? name : share; }
  /// The place of the pooling in `encoders`, or its end.
  std::vector<FuxictrEncoder>::const_iterator pooling() const;
};

/// Reads feature_map.json of FuxiCTR 2 ("features") and 1 ("feature_specs"), with use_features and feature_specs of
/// the parameters; features of the type "meta" are no input of the network and left out. Throws Error for another form.
std::vector<FuxictrFeature> read_feature_map(const Document& document, const FuxictrParameters& parameters);

}  // namespace dinghy::converter
