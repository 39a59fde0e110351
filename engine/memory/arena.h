// All memory of a user state or a scorer, planned first and then allocated at once.
#pragma once

#include <cstddef>
#include <cstdint>

namespace dinghy {

/// A place in an arena, for `T`s. Turns into a pointer with Arena::at.
template <class T>
struct Slot {
  std::uint64_t offset = 0;
};

/// reserve() … reserve(), allocate(), at() … at(). Every slot starts on a cache line, so that vectors of any ISA are
/// aligned and two slots share none. Sizes are counted in 64 bits on every machine; those that overflow, or that this
/// machine cannot address, make allocate() fail. Nothing is freed before the arena is.
class Arena {
 public:
  static constexpr std::size_t kAlignment = 64;

  Arena() noexcept = default;
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;
  ~Arena();

  /// A table of `rows` x `columns`.
  template <class T>
  Slot<T> reserve(std::uint64_t rows, std::uint64_t columns = 1) noexcept {
    return Slot<T>{reserve_bytes(rows, columns, sizeof(T))};
  }
  /// The same of elements of `size` bytes; the offset of the slot.
  std::uint64_t reserve_bytes(std::uint64_t rows, std::uint64_t columns, std::size_t size) noexcept;

  /// Zero-filled. False when the sum overflowed or there is no memory.
  [[nodiscard]] bool allocate() noexcept;
  bool is_allocated() const noexcept { return memory_ != nullptr; }
  /// False where allocate() will fail whatever memory there is.
  bool fits() const noexcept { return !overflow_; }
  /// What allocate() asks for, where it fits: one line more than is reserved, since a kernel may load a whole vector
  /// behind the last column of the last row.
  std::uint64_t bytes() const noexcept { return bytes_ + kAlignment; }

  template <class T>
  T* at(Slot<T> slot) const noexcept {
    return reinterpret_cast<T*>(memory_ + slot.offset);
  }

 private:
  std::uint64_t multiply(std::uint64_t a, std::uint64_t b) noexcept;

  unsigned char* memory_ = nullptr;
  std::uint64_t bytes_ = 0;
  bool overflow_ = false;
};

}  // namespace dinghy
