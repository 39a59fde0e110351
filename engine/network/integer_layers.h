// What the local activation unit needs in integers, beside what it needs in floats.
#pragma once

#include "engine/network/network.h"

namespace dinghy::network {

/// Zeros that make_integer_layers() needs for the groups of an interest's fields: their weights and factors.
std::size_t integer_floats(const Model& model, const Interest& interest) noexcept;

/// Integers of the weights behind the first of interest.hidden, one scale for each output: round(w / scale) is at most
/// kernels::int16_range, or kLeastBytes. And what the groups of its fields need, in integer_floats() zeros at `floats`,
/// on a cache line. False when there is no memory.
bool make_integer_layers(const Model& model, float* floats, Interest& interest) noexcept;

}  // namespace dinghy::network
