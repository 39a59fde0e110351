#include "engine/scoring/distinct.h"

#include <algorithm>
#include <span>

#include "schema/hash.h"

namespace dinghy::scoring {
namespace {

/// Rows by the columns that count.
struct Compared {
  const MarkedRows& rows;
  std::span<const std::uint32_t> columns;

  std::uint64_t hash(std::size_t row) const noexcept {
    std::uint64_t h = 0;
    for (const std::uint32_t c : columns) {
      h = format::mix64(h ^ rows.marks[row * rows.stride + c]);
    }
    return h;
  }

  bool equal(std::size_t a, std::size_t b) const noexcept {
    for (const std::uint32_t c : columns) {
      if (rows.marks[a * rows.stride + c] != rows.marks[b * rows.stride + c]) return false;
    }
    return true;
  }
};

}  // namespace

std::size_t distinct_slots(std::size_t rows) noexcept {
  std::size_t slots = 16;
  while (slots < 2 * rows) slots *= 2;
  return slots;
}

std::size_t group_rows(const MarkedRows& rows, const network::Interest& interest, const network::FieldGroup& by,
                       const DistinctScratch& scratch, std::uint32_t* group, std::uint32_t* first) noexcept {
  std::uint32_t* end = scratch.columns;
  for (const std::uint32_t f : by.fields) *end++ = interest.fields[f].*rows.column;
  const Compared of{.rows = rows, .columns = {scratch.columns, end}};
  std::uint32_t* const slots = scratch.slots;
  const std::size_t mask = distinct_slots(rows.count) - 1;
  std::fill_n(slots, mask + 1, 0u);
  std::uint32_t groups = 0;
  for (std::size_t r = 0; r < rows.count; ++r) {
    std::size_t slot = of.hash(r) & mask;
    while (slots[slot] != 0 && !of.equal(first[slots[slot] - 1], r)) slot = (slot + 1) & mask;
    if (slots[slot] == 0) {
      first[groups] = static_cast<std::uint32_t>(r);
      slots[slot] = ++groups;
    }
    group[r] = slots[slot] - 1;
  }
  return groups;
}

}  // namespace dinghy::scoring
