// A user as scoring reads it: gathered vectors, nothing projected.
#pragma once

#include <cstddef>
#include <cstdint>

#include "engine/network/row_mark.h"

namespace dinghy::network {

/// The behaviours of one sequence, oldest first.
struct History {
  float* rows = nullptr;         // [length + 1][stride of the sequence]; row `length` is the padding row
  RowMark* marks = nullptr;      // [length + 1][columns of the sequence] which behaviours are equal
  std::uint8_t* real = nullptr;  // [length]: 0 where the sequence's mask takes a behaviour out
  std::size_t length = 0;
  std::size_t real_count = 0;

  // Behaviours are numbered from the first one of an `epoch` on; the history holds [first, first + length). A set()
  // that does not extend the history begins a new epoch. With both, a scorer knows which of its results still stand.
  std::uint64_t epoch = 0;  // unique in the process
  std::uint64_t first = 0;
};

struct User {
  const History* histories = nullptr;  // one per sequence
  const float* row = nullptr;          // user and context features, then the sums over the history
};

}  // namespace dinghy::network
