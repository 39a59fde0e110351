// Any DIN whose recipe names every tensor: the recipe is the description.
#include "converter/presets/presets.h"

namespace dinghy::converter {
namespace {

NetworkRecipe describe(Conversion& conversion) { return *conversion.recipe.network; }

}  // namespace

extern const Preset kGeneric = {
    .name = "generic", .package = "a network described by its recipe", .recognises = nullptr, .describe = describe};

}  // namespace dinghy::converter
