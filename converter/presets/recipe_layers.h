// Layers that are described by the names of their tensors: taken, reported, changed by a recipe.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "converter/presets/conversion.h"

namespace dinghy::converter {

/// Takes the layers' tensors. `inputs`: the width that the network has before the first; `what` names it in errors.
std::vector<Layer> take_layers(TensorClaims& claims, WeightLayout layout, const std::vector<LayerRecipe>& recipes,
                               std::size_t inputs, const std::string& what);

/// Activations, epsilons and absent parts of the layers of a part ("attention" or "tower", a recipe's section) as
/// findings.
void report_layers(Conversion& conversion, const std::string& part, std::span<const LayerRecipe> layers);

/// The same of a batch norm outside layers.
void report_norm(Conversion& conversion, const std::string& part, const NormRecipe& norm);

/// Takes the epsilons that the recipe says, and the activation that it says of a part. Throws Error at the recipe where
/// tensors tell the activation.
void override_layers(const Recipe& recipe, const std::string& part, std::span<LayerRecipe> layers);

}  // namespace dinghy::converter
