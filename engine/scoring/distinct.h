// Which of many rows are equal, by the rows of tables that their vectors came from.
#pragma once

#include <cstddef>
#include <cstdint>

namespace dinghy::scoring {

/// Rows of tokens (network::find_rows) and the columns of them that count.
struct TokenRows {
  const std::byte* const* tokens = nullptr;
  std::size_t stride = 0;
  const std::uint32_t* columns = nullptr;
  std::size_t column_count = 0;
};

/// Scratch of a grouping.
struct DistinctScratch {
  std::uint32_t* slots = nullptr;    // [distinct_slots(the most rows)]
  std::uint32_t* columns = nullptr;  // [the most columns] for TokenRows
};

/// Slots that a grouping of `rows` rows needs: a power of two, at least half of them empty.
std::size_t distinct_slots(std::size_t rows) noexcept;

/// Numbers equal rows alike: group[r] in the order in which new ones appear, first[g] the row where g appeared. Returns
/// how many there are. `slots` has room for distinct_slots(rows), `group` and `first` for rows.
std::size_t group_rows(const TokenRows& of, std::size_t rows, std::uint32_t* slots, std::uint32_t* group,
                       std::uint32_t* first) noexcept;

}  // namespace dinghy::scoring
