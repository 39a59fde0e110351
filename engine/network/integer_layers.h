// Hidden layers of the local activation unit in integers.
#pragma once

#include "engine/network/network.h"

namespace dinghy::network {

/// Integers of the weights behind the first of interest.hidden, one scale for each output: round(w / scale) is at most
/// kernels::int16_range, or kLeastBytes. False when there is no memory.
bool make_integer_layers(kernels::Digits digits, Interest& interest) noexcept;

}  // namespace dinghy::network
