// What tells the values of a feature apart.
#pragma once

#include <cstdint>

namespace dinghy::network {

/// Where the row of a value's vector begins in the file; 0 for the zero vector, and for values that have no row. A row
/// that came with the call (Column::with_rows) lies in no file: its mark is a hash of its bytes with the highest bit
/// set, so that two different rows of a table share one by chance only, one pair in 2^63. Values of a feature whose
/// marks are equal have equal vectors.
using RowMark = std::uint64_t;

}  // namespace dinghy::network
