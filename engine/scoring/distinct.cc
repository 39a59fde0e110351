#include "engine/scoring/distinct.h"

#include <algorithm>

#include "schema/hash.h"

namespace dinghy::scoring {
namespace {

std::uint64_t hash(const TokenRows& of, std::size_t row) noexcept {
  std::uint64_t h = 0;
  for (std::size_t c = 0; c < of.column_count; ++c) {
    h = format::mix64(h ^ reinterpret_cast<std::uintptr_t>(of.tokens[row * of.stride + of.columns[c]]));
  }
  return h;
}

bool equal(const TokenRows& of, std::size_t a, std::size_t b) noexcept {
  for (std::size_t c = 0; c < of.column_count; ++c) {
    if (of.tokens[a * of.stride + of.columns[c]] != of.tokens[b * of.stride + of.columns[c]]) return false;
  }
  return true;
}

}  // namespace

std::size_t distinct_slots(std::size_t rows) noexcept {
  std::size_t slots = 16;
  while (slots < 2 * rows) slots *= 2;
  return slots;
}

std::size_t group_rows(const TokenRows& of, std::size_t rows, std::uint32_t* slots, std::uint32_t* group,
                       std::uint32_t* first) noexcept {
  const std::size_t mask = distinct_slots(rows) - 1;
  std::fill_n(slots, mask + 1, 0u);
  std::uint32_t groups = 0;
  for (std::size_t r = 0; r < rows; ++r) {
    std::size_t slot = hash(of, r) & mask;
    while (slots[slot] != 0 && !equal(of, first[slots[slot] - 1], r)) slot = (slot + 1) & mask;
    if (slots[slot] == 0) {
      first[groups] = static_cast<std::uint32_t>(r);
      slots[slot] = ++groups;
    }
    group[r] = slots[slot] - 1;
  }
  return groups;
}

}  // namespace dinghy::scoring
