// What the local activation unit needs in integers, beside what it needs in floats.
#pragma once

#include "engine/network/network.h"

namespace dinghy::network {

/// Floats that the groups of an interest's fields need for their weights.
std::size_t group_weight_floats(const Interest& interest) noexcept;

/// Integers of the weights behind the first of interest.hidden, one scale for each output: round(w / scale) is at most
/// kernels::int16_range, or kLeastBytes. And what the groups of its fields need; their weights in group_weight_floats()
/// floats at `weights`, on a cache line. False when there is no memory.
bool make_integer_layers(const Model& model, float* weights, Interest& interest) noexcept;

}  // namespace dinghy::network
