// Builds a network as it is described: the one builder of the presets that describe theirs.
#pragma once

#include "converter/presets/conversion.h"

namespace dinghy::converter {

/// Builds conversion.network: takes the tensors that the description names, and reports each of its values with what
/// says so. Throws Error for what does not fit together.
void build_described(Conversion& conversion, const NetworkRecipe& description);

}  // namespace dinghy::converter
