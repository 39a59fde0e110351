// Variables of Keras layers: Keras 2 stores them by name, Keras 3 by number.
#pragma once

#include <string>
#include <vector>

#include "converter/tensor.h"

namespace dinghy::converter {

/// The tensor of a layer's own variable: "dense/kernel", or "dense/vars/0" where the checkpoint has that instead.
std::string keras_variable(const Checkpoint& checkpoint, const std::string& layer, const std::string& name, int number);

/// The same of a layer's usual variables; a layer without bias has no tensor of that name.
std::string keras_embeddings(const Checkpoint& checkpoint, const std::string& layer);
std::string keras_kernel(const Checkpoint& checkpoint, const std::string& layer);
std::string keras_bias(const Checkpoint& checkpoint, const std::string& layer);

/// True for what Keras calls a layer of the class `base`: "dnn", "dnn_1", but not "dnn_dropout".
bool is_keras_layer(const std::string& name, const std::string& base);

/// The layers right below `scope` (empty: the outermost) that are called `base` with a number or without, in the order
/// of their numbers.
std::vector<std::string> keras_layers(const Checkpoint& checkpoint, const std::string& scope, const std::string& base);

/// The same for layers that are one list of the model. Throws Error when a number is missing, since Keras counts them
/// one after the other: the file has lost a layer.
std::vector<std::string> keras_layer_list(const Checkpoint& checkpoint, const std::string& scope,
                                          const std::string& base);

}  // namespace dinghy::converter
