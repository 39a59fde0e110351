// The tower of the Keras DIN: its layers top_0, top_1, … with the activations and the batch norm between them.
#pragma once

#include <cstddef>
#include <vector>

#include "converter/presets/conversion.h"

namespace dinghy::converter {

/// Takes the layers' tensors, the last layer is the logit, and folds batch norm. Its places are those of the
/// configuration; without one it is told by its name, "…bn…" or "…norm…" with the number of a layer, and stands between
/// that layer and its activation. `inputs`: the width of the tower's input. Throws Error for tensors that do not fit,
/// and for layers of the configuration that are not known here.
std::vector<Layer> take_seed_tower(Conversion& conversion, std::size_t inputs);

}  // namespace dinghy::converter
