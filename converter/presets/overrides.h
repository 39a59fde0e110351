// What a recipe says about a network that a preset describes.
#pragma once

#include "converter/presets/conversion.h"

namespace dinghy::converter {

/// Puts what the recipe says of roles, histories, attention, tower, epsilons and head into the description, and settles
/// what an empty history gives. Throws Error at the recipe for what contradicts the tensors.
void apply_recipe(const Conversion& conversion, NetworkRecipe& description);

}  // namespace dinghy::converter
