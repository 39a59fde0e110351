// Tables, features and histories of a network as they are described.
#pragma once

#include "converter/presets/conversion.h"

namespace dinghy::converter {

/// Adds them to conversion.network and reports whose they are. Throws Error for what does not fit together.
void add_described_features(Conversion& conversion, const NetworkRecipe& description);

}  // namespace dinghy::converter
