// Items get numbers in the order in which they are first seen: a table that threads share without locks.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "engine/memo/sizes.h"

namespace dinghy::memo {

/// A view of a region of Sizes::numbers bytes. An item is a tuple of `Shape::fields` words, equal when all words are;
/// it keeps the number that it got. Any number of threads may find and insert at once; none waits for another. Where
/// two insert the same item at once one number may stay unused, its tuple a second copy.
///
/// Layout: a line whose first u32 is how many numbers were taken (at times more than there are: size()), u32 slots (the
/// smallest power of two that leaves half of them empty), the tuples in the order of their numbers; parts padded to
/// lines. A slot that is not 0 has its highest bit, bits of the tuple's hash, and the number in the lowest
/// number_bits().
///
/// Bytes of any origin are safe to look into: the worst they do is to name a number that has another item's logits.
class ItemNumbers {
 public:
  ItemNumbers(const Shape& shape, std::byte* memory) noexcept;
  /// Memory that may not be written: an item that is not there has no number.
  ItemNumbers(const Shape& shape, const std::byte* memory) noexcept;

  static std::uint64_t bytes(std::uint32_t items, std::uint32_t fields) noexcept;

  /// The numbers of `count` tuples, one behind the other, or kNone.
  void find(const std::uint64_t* tuples, std::size_t count, std::uint32_t* numbers) const noexcept;
  /// The same, and a number for each that had none, while there are any; an item whose place is crowded gets none.
  void find_or_insert(const std::uint64_t* tuples, std::size_t count, std::uint32_t* numbers) noexcept;

  /// How many numbers were taken.
  std::uint32_t size() const noexcept;
  /// The tuple of a number that find() or find_or_insert() returned.
  const std::uint64_t* tuple(std::uint32_t number) const noexcept { return tuples_ + std::size_t{number} * fields_; }

 private:
  using Word = std::atomic<std::uint32_t>;

  std::uint64_t hash(const std::uint64_t* tuple) const noexcept;
  std::uint32_t take_number() noexcept;
  template <bool kInsert>
  std::uint32_t number_of(const std::uint64_t* tuple, std::uint64_t hash) noexcept;
  template <bool kInsert>
  void numbers_of(const std::uint64_t* tuples, std::size_t count, std::uint32_t* numbers) noexcept;

  Word* taken_ = nullptr;
  Word* slots_ = nullptr;
  std::uint64_t* tuples_ = nullptr;
  std::uint32_t items_ = 0, fields_ = 0, number_mask_ = 0, slot_mask_ = 0;
  bool writable_ = false;
};

}  // namespace dinghy::memo
