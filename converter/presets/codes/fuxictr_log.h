// The log that FuxiCTR writes beside a checkpoint, MODEL.log: it begins with the parameters of the training.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "converter/tensor.h"
#include "model_generated.h"

namespace dinghy::converter {

/// One local activation unit: which fields of the candidate it compares with which fields of a behaviour.
struct FuxictrGroup {
  std::vector<std::string> targets, sequences;
};

/// What the parameters say; nothing where they do not, or say it in a form that is not known here.
struct FuxictrParameters {
  std::string source;                                    // the log, for errors; empty: there is none
  std::optional<std::string> softmax;                    // din_use_softmax: "True" or "False"
  std::optional<std::string> attention_activation;       // attention_hidden_activations
  std::optional<std::string> attention_output;           // attention_output_activation
  std::optional<std::string> tower_activation;           // dnn_activations
  std::optional<std::string> task;                       // "binary_classification", "regression"
  std::optional<std::vector<FuxictrGroup>> groups;       // din_target_field and din_sequence_field
  std::map<std::string, format::Keep> keep;              // by sequence, from its padding
  std::optional<std::vector<std::string>> use_features;  // those of the map that training took, in its order
  std::string feature_specs;                             // as JSON: what training changed of the map
};

/// The parameters in the first document whose text has them ("Params: {…}", " INFO {…}"). Throws Error for parameters
/// that are not JSON, for fields of target and sequence that do not pair, and where it cannot read what was changed of
/// the feature map.
FuxictrParameters read_fuxictr_log(const Checkpoint& checkpoint);

}  // namespace dinghy::converter
