// Sizes that follow from others. A changed width is refused at the next layer, unless that layer changes with it.
#pragma once

#include "tests/engine/changed_model.h"

namespace dinghy::fuzz {

/// Makes features as wide as their tables, and layers as large as what goes into them; in a new dense segment of zeros
/// where that takes more numbers, or where tensors came to share theirs. Sizes that no file can have stay as they are.
void fit_layers(tests::ChangedModel& model);

}  // namespace dinghy::fuzz
