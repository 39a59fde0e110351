// Layers' names for the layout of Keras 3, which numbers the layers of a class in the model's order.
#pragma once

#include <map>
#include <string>

#include "converter/tensor.h"

namespace dinghy::converter {

/// Layers' names by their groups: "layers/dense_1" is "top_1".
using LayerNames = std::map<std::string, std::string>;

/// From a model configuration in JSON. None for a model that lists no layers (a subclass of Model). Throws Error for
/// what is no JSON.
LayerNames layer_names_of(const Document& config);

}  // namespace dinghy::converter
