// The version of what decides the bits of a logit.
#pragma once

#include <cstdint>

namespace dinghy::kernels {

/// One more whenever a change of kernels or of the order of sums may change a bit of a logit on any ISA: logits that
/// were kept in a file are then not those that would be computed.
inline constexpr std::uint32_t kOrderOfSums = 1;

}  // namespace dinghy::kernels
