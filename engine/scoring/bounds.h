// The most that a user state and a scorer may be asked to hold: larger histories than any field of the format can
// state, and small enough that the arithmetic of a plan cannot overflow.
#pragma once

#include <cstddef>

namespace dinghy::scoring {

inline constexpr std::size_t kMaxCandidates = std::size_t{1} << 24;
inline constexpr std::size_t kMaxHistory = std::size_t{1} << 20;

}  // namespace dinghy::scoring
