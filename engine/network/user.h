// A user as scoring reads it: gathered vectors, nothing projected.
#pragma once

#include <cstddef>
#include <cstdint>

namespace dinghy::network {

/// The behaviours of one sequence, oldest first.
struct History {
  float* rows = nullptr;         // [length + 1][stride of the sequence]; row `length` is the padding row
  std::uint8_t* real = nullptr;  // [length]: 0 where the sequence's mask takes a behaviour out
  std::size_t length = 0;
  std::size_t real_count = 0;
};

struct User {
  const History* histories = nullptr;  // one per sequence
  const float* row = nullptr;          // user and context features, then the sums over the history
};

}  // namespace dinghy::network
