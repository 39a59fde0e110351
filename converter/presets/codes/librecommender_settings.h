// MODEL_hyper_parameters.json, which LibRecommender's model.save writes beside the variables.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "converter/tensor.h"

namespace dinghy::converter {

struct LibRecommenderSettings {
  std::optional<std::string> task;          // "ranking" or "rating"
  std::optional<std::uint32_t> max_length;  // of the history
  bool dot_attention = false;               // use_tf_attention: the dot product of Keras' Attention, without tensors
};

/// Nothing is set where the file is not there. Throws Error for a file of another form.
LibRecommenderSettings librecommender_settings(const Checkpoint& checkpoint);

}  // namespace dinghy::converter
