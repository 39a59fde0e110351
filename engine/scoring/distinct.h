// Which of many rows are equal, by the rows of tables that their vectors came from.
#pragma once

#include <cstddef>
#include <cstdint>

#include "engine/network/network.h"
#include "engine/network/row_mark.h"

namespace dinghy::scoring {

/// Rows of marks, and which column of them an interest's field is: Field::key_column or
/// Field::query_feature.
struct MarkedRows {
  const network::RowMark* marks = nullptr;  // [count][stride]
  std::size_t stride = 0;
  std::size_t count = 0;
  std::uint32_t network::Field::* column = nullptr;
};

/// Scratch of a grouping.
struct DistinctScratch {
  std::uint32_t* slots = nullptr;    // [distinct_slots(the most rows)]
  std::uint32_t* columns = nullptr;  // [the most fields of an interest]
};

/// Slots that a grouping of `rows` rows needs: a power of two, at least half of them empty.
std::size_t distinct_slots(std::size_t rows) noexcept;

/// Numbers rows alike that are equal in some of the interest's fields: group[r] in the order in which new ones appear,
/// first[g] the row where g appeared. Returns how many there are. `group` and `first` have room for all rows.
std::size_t group_rows(const MarkedRows& rows, const network::Interest& interest, const network::FieldGroup& by,
                       const DistinctScratch& scratch, std::uint32_t* group, std::uint32_t* first) noexcept;

}  // namespace dinghy::scoring
