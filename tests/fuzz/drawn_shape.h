// Shapes of random networks, drawn from a fuzzer's bytes or a test's random numbers.
#pragma once

#include <cstdint>
#include <functional>

#include "tests/engine/random_network.h"

namespace dinghy::fuzz {

/// A number below `bound`, which is at least 1.
using Draw = std::function<std::uint32_t(std::uint32_t bound)>;

/// A shape that the writer and the engine accept.
tests::Shape draw_shape(const Draw& below);

}  // namespace dinghy::fuzz
