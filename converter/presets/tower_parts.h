// The input of the tower, part by part in the order of its first layer's inputs.
#pragma once

#include <cstddef>
#include <cstdint>

#include "converter/network.h"

namespace dinghy::converter {

/// Adds the whole vector of a feature behind the parts that are there.
void add_feature_part(Network& network, std::uint32_t feature);
/// Adds the result of an interest, `width` numbers.
void add_interest_part(Network& network, std::uint32_t interest, std::size_t width);

/// The width of all parts.
std::size_t tower_width(const Network& network);

}  // namespace dinghy::converter
