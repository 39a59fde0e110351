// Rows that came with a column (Column::with_rows), for a feature whose table is remote.
#pragma once

#include <cstddef>

#include "dinghy/columns.h"
#include "engine/kernels/kernel_table.h"
#include "engine/left_out.h"
#include "engine/network/feature_name.h"
#include "engine/network/network.h"
#include "engine/network/row_mark.h"

namespace dinghy::network {

/// Checks the column's block against the table that its rows are of, and all rows that its values name. What is wrong
/// is told with `name`, the feature's. Errors: version_mismatch; invalid_argument, naming value or row.
Status check_came_rows(const Table& table, const Column& column, FeatureName name) noexcept;

/// The row that came for value `index` of a checked column with rows; null bytes where none did.
kernels::EncodedRow row_of_block(const Column& column, std::size_t index) noexcept;

/// The same of any checked column.
inline kernels::EncodedRow came_row(const Column& column, std::size_t index) noexcept {
  return kHasRemote && column.has_rows() ? row_of_block(column, index) : kernels::EncodedRow{};
}

RowMark mark_of_came_row(const kernels::EncodedRow& row) noexcept;

}  // namespace dinghy::network
