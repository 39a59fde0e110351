// Shapes of random networks, drawn from a fuzzer's bytes.
#pragma once

#include <fuzzer/FuzzedDataProvider.h>

#include "tests/engine/random_network.h"

namespace dinghy::fuzz {

/// A shape that the writer and the engine accept.
tests::Shape draw_shape(FuzzedDataProvider& data);

}  // namespace dinghy::fuzz
