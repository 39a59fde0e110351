// Layers that a recipe names tensor by tensor.
#pragma once

#include <string>
#include <vector>

#include "converter/presets/conversion.h"

namespace dinghy::converter {

/// Takes the layers' tensors, in the layout that the recipe states. `inputs`: the width that the network has before the
/// first; `what` names it in errors.
std::vector<Layer> take_layers(Conversion& conversion, const std::vector<LayerRecipe>& recipes, std::size_t inputs,
                               const std::string& what);

}  // namespace dinghy::converter
