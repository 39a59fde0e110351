// The local activation unit of Alibaba's TensorFlow 1 scripts: f1_att and f2_att with sigmoid, f3_att.
#pragma once

#include <string>
#include <vector>

#include "converter/presets/conversion.h"

namespace dinghy::converter {

/// A dense layer of TensorFlow: `scope`/kernel [in][out] and `scope`/bias. Throws Error unless it takes `inputs`
/// numbers.
Layer take_dense(Conversion& conversion, const std::string& scope, std::size_t inputs);

/// The layers `scope`f1_att`tag`, f2_att, f3_att over a key of `width` numbers. Refuses another activation of a recipe.
std::vector<Layer> take_script_attention(Conversion& conversion, const std::string& scope, const std::string& tag,
                                         std::size_t width);

}  // namespace dinghy::converter
