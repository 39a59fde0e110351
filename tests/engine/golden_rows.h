// Golden rows of random networks, as the engine's self-test reads them.
#pragma once

#include <functional>

#include "converter/model_file/golden_rows.h"
#include "tests/engine/request.h"

namespace dinghy::tests {

/// Changes what a row expects before it is stored.
using ChangeExpected = std::function<void(Scores& expected)>;

/// Three rows with the scores and weights of `reference`, the second of them changed.
converter::GoldenRows golden_rows(const Model& model, const ChangeExpected& change = {}, std::size_t history = 9);

}  // namespace dinghy::tests
