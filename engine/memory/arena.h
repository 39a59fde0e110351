// All memory of a user state or a scorer, planned first and then allocated at once.
#pragma once

#include <cstddef>
#include <cstdint>

namespace dinghy {

/// A place in an arena, for `T`s. Turns into a pointer with Arena::at.
template <class T>
struct Slot {
  std::size_t offset = 0;
};

/// reserve() … reserve(), allocate(), at() … at(). Every slot starts on a cache line, so that vectors of any ISA are
/// aligned and two slots share none. Sizes that overflow make allocate() fail; nothing is freed before the arena is.
class Arena {
 public:
  static constexpr std::size_t kAlignment = 64;

  Arena() noexcept = default;
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;
  ~Arena();

  template <class T>
  Slot<T> reserve(std::size_t count) noexcept {
    return Slot<T>{reserve_bytes(count, sizeof(T))};
  }
  /// A table of `rows` x `columns`.
  template <class T>
  Slot<T> reserve(std::size_t rows, std::size_t columns) noexcept {
    return Slot<T>{reserve_bytes(multiply(rows, columns), sizeof(T))};
  }

  /// Zero-filled. False when the sum overflowed or there is no memory.
  [[nodiscard]] bool allocate() noexcept;
  std::size_t bytes() const noexcept { return bytes_; }

  template <class T>
  T* at(Slot<T> slot) const noexcept {
    return reinterpret_cast<T*>(memory_ + slot.offset);
  }

 private:
  std::size_t multiply(std::size_t a, std::size_t b) noexcept;
  std::size_t reserve_bytes(std::size_t count, std::size_t size) noexcept;

  unsigned char* memory_ = nullptr;
  std::size_t bytes_ = 0;
  bool overflow_ = false;
};

}  // namespace dinghy
