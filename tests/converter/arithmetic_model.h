// A model whose scores can be worked out in the head:
//
//   score = user_id / 16 + hour / 4 + item_id / 16 + brand / 8 + mean(item_id of the history) / 32
//
// The local activation unit gives every behaviour the same logit, softmax makes the weights 1 / T, and the history
// keeps its last 4 behaviours. Brands are strings: none 0, "acme" 1, "zeta" 2. Users 0 … 3, items 0 … 7.
#pragma once

#include <string>

#include "converter/model_file/golden_rows.h"
#include "converter/network.h"

namespace dinghy::converter {

Network arithmetic_network();

/// Writes the model, with golden rows when `golden` holds lines.
void write_arithmetic_model(const std::string& path, const std::string& golden = {},
                            GoldenTolerance tolerance = {2e-6, 2e-6});

}  // namespace dinghy::converter
