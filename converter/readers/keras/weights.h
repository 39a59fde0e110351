// All weights in an HDF5 file of Keras, in whichever layout.
#pragma once

#include <optional>

#include "converter/readers/keras/layer_names.h"

namespace dinghy::converter {

struct KerasWeights {
  std::string format;                       // "keras h5 weights", "keras h5 model", "keras 3 weights"
  std::optional<std::string> model_config;  // JSON
  std::vector<Tensor> tensors;
};

/// `where` stands for the file in errors. `names` count where the file numbers its layers and does not name them.
/// Throws Error for a damaged file and for one without weights.
KerasWeights read_weights(std::shared_ptr<const Storage> file, const std::string& where, const LayerNames& names);

}  // namespace dinghy::converter
