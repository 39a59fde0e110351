// A table whose rows are put together when they are read: the row of an item and that of its category, side by side.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "converter/tensor.h"

namespace dinghy::converter {

/// Row i is row i of `table` followed by row `other_row[i]` of `other`, as float32. Both have two dimensions, and every
/// entry of `other_row` is a row of `other`. Holds none of the rows.
Tensor joined_table(const std::string& name, Tensor table, Tensor other, std::vector<std::uint64_t> other_row);

}  // namespace dinghy::converter
