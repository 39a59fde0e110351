// The names by which presets know the variables of a TensorFlow checkpoint.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "converter/tensor.h"

namespace dinghy::converter {

/// Numbers inside a key by their value: "layer_with_weights-2" before "layer_with_weights-10", as the layers were
/// added.
std::vector<std::string> in_natural_order(const std::set<std::string>& keys);

/// Gives each tensor, named by its key, the variable's own name; where several variables would get one name, or a
/// variable has none, its path from the root. ":0" falls away. Keras 3 gives all layers inside another one its name
/// (attention/kernel): theirs is the path in the names of layers, attention/score/kernel.
void name_variables(std::vector<Tensor>& tensors, const std::map<std::string, std::string>& own_names);

}  // namespace dinghy::converter
