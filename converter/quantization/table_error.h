// What the numbers of a table lose in a form of rows.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "converter/network.h"
#include "schema/row.h"

namespace dinghy::converter {

struct TableError {
  double relative_l2 = 0;                 // ‖stored - number‖ / ‖number‖ over the table; 0 for a table of zeros
  std::uint64_t worst_row = 0;            // the row with the largest ‖stored - number‖
  double worst_row_l2 = 0;                // that, relative to the usual ‖row‖ of the table, its root mean square
  std::optional<std::uint64_t> overflow;  // the first row that has a number, or a scale, too large for a half
};

/// The errors of all `forms`, in one pass over the rows. Throws Error at `where` for a number that is not finite.
std::vector<TableError> table_errors(const Table& table, std::span<const format::RowForm> forms,
                                     const std::string& where);

}  // namespace dinghy::converter
