// Dense layers of Keras whose activation is a layer too, PReLU or Dice, with its tensors inside theirs.
#pragma once

#include <string>
#include <vector>

#include "converter/presets/conversion.h"

namespace dinghy::converter {

/// kernel and bias of the Dense layer `layer`, with the activation that it holds: PReLU (by position, where alpha has
/// two dimensions), or Dice with batch norm of Keras' epsilon, or none. `what` names the inputs in errors.
/// `dice_alpha`: the tensor of Dice's alpha, where it has no place of its own in the file.
Layer take_keras_dense(Conversion& conversion, const std::string& layer, std::size_t inputs, const std::string& what,
                       const std::string& dice_alpha = "");

/// Reports the activation of the hidden `layers` of `part`, "attention" or "tower". Where they hold none they get what
/// that section of the recipe says, else `otherwise`.
void choose_keras_activation(Conversion& conversion, std::vector<Layer>& layers, const std::string& part,
                             format::ActivationKind otherwise);

}  // namespace dinghy::converter
