// The members of a struct that point into an arena.
#pragma once

#include <cstddef>

#include "engine/memory/arena.h"

namespace dinghy {

/// Walked twice over the same list of members, so that one that is planned is also set: before Arena::allocate() a plan
/// reserves, behind it another one sets the pointers.
class Plan {
 public:
  explicit Plan(Arena& arena) noexcept : arena_(arena) {}

  template <class T>
  void place(T*& pointer, std::size_t rows, std::size_t columns) noexcept {
    if (void* const place = place_bytes(rows, columns, sizeof(T))) pointer = static_cast<T*>(place);
  }

 private:
  /// Null before the arena is allocated.
  void* place_bytes(std::size_t rows, std::size_t columns, std::size_t size) noexcept;

  Arena& arena_;
  Arena replay_;  // the same reservations once more, for their offsets; it never allocates
};

}  // namespace dinghy
