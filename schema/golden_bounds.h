// How large a golden row may be for the engine's self-test, and how far its scores may be off.
#pragma once

#include <algorithm>
#include <cstddef>

namespace dinghy::format {

/// Bounds what a self-test takes, whatever a file holds. Larger rows stand in a file as JSON alone.
inline constexpr std::size_t kMaxGoldenCandidates = 1024, kMaxGoldenHistory = 4096;

/// What float kernels may differ from `reference` by, on a probability and on an attention weight.
inline constexpr double kFloatTolerance = 1e-5;

/// `tolerance` is Golden.tolerance: what `reference` keeps.
inline double score_tolerance(double tolerance, bool reference) noexcept {
  return reference ? tolerance : std::max(tolerance, kFloatTolerance);
}

/// `tolerance` is Golden.attention_tolerance. Weights of raw attention can be large, so that floats are off by more.
inline double attention_tolerance(double tolerance) noexcept { return std::max(tolerance, kFloatTolerance); }

}  // namespace dinghy::format
