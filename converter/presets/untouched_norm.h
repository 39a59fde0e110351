// Batch norm whose statistics training never updated.
#pragma once

#include "converter/presets/conversion.h"

namespace dinghy::converter {

/// TensorFlow 1 codes that neither pass `training` nor run UPDATE_OPS leave mean 0 and variance 1 in the checkpoint,
/// and score with them: they are right and stay. Reports it when `norm`'s are.
void report_untouched(Conversion& conversion, const NormRecipe& norm, const std::string& subject);

}  // namespace dinghy::converter
