#include "engine/memo/item_numbers.h"

#include <algorithm>
#include <bit>

#include "schema/hash.h"

namespace dinghy::memo {
namespace {

constexpr std::uint32_t kUsed = 1U << 31U;

/// With half of the slots empty the longest way among a million items is some seventy slots; bytes from elsewhere may
/// have no empty slot.
constexpr std::uint32_t kMostSlotsLookedAt = 128;

/// Tuples of which the slots are on their way from memory at once.
constexpr std::size_t kTuplesAhead = 32;

constexpr std::uint64_t kLine = 64;

std::uint32_t slots_for(std::uint32_t items) noexcept { return std::bit_ceil(2 * items); }

constexpr std::uint64_t to_lines(std::uint64_t bytes) noexcept { return (bytes + kLine - 1) / kLine * kLine; }

}  // namespace

std::uint64_t ItemNumbers::bytes(std::uint32_t items, std::uint32_t fields) noexcept {
  return kLine + to_lines(std::uint64_t{slots_for(items)} * sizeof(Word)) +
         to_lines(std::uint64_t{items} * fields * sizeof(std::uint64_t));
}

ItemNumbers::ItemNumbers(const Shape& shape, std::byte* memory) noexcept
    : taken_(reinterpret_cast<Word*>(memory)),
      slots_(reinterpret_cast<Word*>(memory + kLine)),
      tuples_(reinterpret_cast<std::uint64_t*>(memory + bytes(shape.items, 0))),
      items_(shape.items),
      fields_(shape.fields),
      number_mask_((1U << number_bits(shape.items)) - 1),
      slot_mask_(slots_for(shape.items) - 1),
      writable_(true) {
  static_assert(Word::is_always_lock_free && sizeof(Word) == sizeof(std::uint32_t));
}

ItemNumbers::ItemNumbers(const Shape& shape, const std::byte* memory) noexcept
    : ItemNumbers(shape, const_cast<std::byte*>(memory)) {
  writable_ = false;
}

std::uint32_t ItemNumbers::size() const noexcept { return std::min(taken_->load(std::memory_order_relaxed), items_); }

std::uint64_t ItemNumbers::hash(const std::uint64_t* tuple) const noexcept {
  std::uint64_t h = 0;
  for (std::uint32_t f = 0; f < fields_; ++f) h = format::mix64(h ^ tuple[f]);
  return h;
}

std::uint32_t ItemNumbers::take_number() noexcept {
  // Looked at first, so that it passes `items_` by no more than there are threads.
  if (taken_->load(std::memory_order_relaxed) >= items_) return kNone;
  const std::uint32_t number = taken_->fetch_add(1, std::memory_order_relaxed);
  return number < items_ ? number : kNone;
}

template <bool kInsert>
std::uint32_t ItemNumbers::number_of(const std::uint64_t* tuple, std::uint64_t hash) noexcept {
  const std::uint32_t mark = (static_cast<std::uint32_t>(hash) | kUsed) & ~number_mask_;
  const auto start = static_cast<std::uint32_t>(hash >> 32U);
  std::uint32_t own = kNone;
  for (std::uint32_t i = 0; i < kMostSlotsLookedAt; ++i) {
    Word& slot = slots_[(start + i) & slot_mask_];
    std::uint32_t word = slot.load(std::memory_order_acquire);
    if (word == 0) {
      if (!kInsert || !writable_) return kNone;
      if (own == kNone) {
        own = take_number();
        if (own == kNone) return kNone;
        std::copy_n(tuple, fields_, tuples_ + std::size_t{own} * fields_);
      }
      // Slots are never emptied, so whoever inserts this tuple comes to the same empty slot: one of them wins.
      if (slot.compare_exchange_strong(word, mark | own, std::memory_order_release, std::memory_order_acquire)) {
        return own;
      }
    }
    const std::uint32_t number = word & number_mask_;
    if ((word & ~number_mask_) == mark && number < items_ && std::equal(tuple, tuple + fields_, this->tuple(number))) {
      return number;
    }
  }
  return kNone;
}

template <bool kInsert>
void ItemNumbers::numbers_of(const std::uint64_t* tuples, std::size_t count, std::uint32_t* numbers) noexcept {
  std::uint64_t hashes[kTuplesAhead];
  for (std::size_t done = 0; done < count; done += kTuplesAhead) {
    const std::size_t n = std::min(kTuplesAhead, count - done);
    for (std::size_t i = 0; i < n; ++i) {
      hashes[i] = hash(tuples + (done + i) * fields_);
      __builtin_prefetch(&slots_[(hashes[i] >> 32U) & slot_mask_]);
    }
    for (std::size_t i = 0; i < n; ++i) {
      numbers[done + i] = number_of<kInsert>(tuples + (done + i) * fields_, hashes[i]);
    }
  }
}

void ItemNumbers::find(const std::uint64_t* tuples, std::size_t count, std::uint32_t* numbers) const noexcept {
  const_cast<ItemNumbers*>(this)->numbers_of<false>(tuples, count, numbers);
}

void ItemNumbers::find_or_insert(const std::uint64_t* tuples, std::size_t count, std::uint32_t* numbers) noexcept {
  numbers_of<true>(tuples, count, numbers);
}

}  // namespace dinghy::memo
