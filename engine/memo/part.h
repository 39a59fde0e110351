// What a memo has of one interest: numbers of items, logits of their pairs, and how often they were of use.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "engine/memo/item_numbers.h"
#include "engine/memo/pair_table.h"
#include "engine/memo/sizes.h"

namespace dinghy::memo {

struct Part {
  Sizes sizes;
  std::byte* memory = nullptr;  // [sizes.bytes()]
  bool writable = true;
  bool in_integers = false;  // how the logits are computed

  // Of pairs; any thread adds to them.
  std::atomic<std::uint64_t> found{0}, computed{0}, kept{0}, replaced{0};

  ItemNumbers numbers() const noexcept {
    const std::byte* const fixed = memory;
    return writable ? ItemNumbers(sizes.shape, memory) : ItemNumbers(sizes.shape, fixed);
  }
  PairTable pairs() const noexcept {
    std::byte* const begin = memory + static_cast<std::size_t>(sizes.numbers);
    const std::byte* const fixed = begin;
    return writable ? PairTable(sizes.shape, begin) : PairTable(sizes.shape, fixed);
  }
  /// How many pairs there is room for.
  std::uint64_t room() const noexcept { return PairTable::entries(sizes.shape); }
};

}  // namespace dinghy::memo
