// A block of candidates: weights, weighted sums and the tower are computed for one at a time.
#pragma once

#include <cstddef>

namespace dinghy::scoring {

/// The buffers stay in the cache whatever max_candidates is, and the products still have full tiles (48 is a multiple
/// of 6 and 12).
inline constexpr std::size_t kCandidateBlock = 48;

/// Candidates [first, first + count) of those in the scorer.
struct Block {
  std::size_t first = 0;
  std::size_t count = 0;
};

/// What the interests and MLPs give for the candidates of a block (network.h, row of results).
struct ResultRows {
  float* rows = nullptr;  // [block][stride]
  std::size_t stride = 0;

  float* at(std::size_t n) const noexcept { return rows + n * stride; }
};

}  // namespace dinghy::scoring
