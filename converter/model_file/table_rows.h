// The rows of a table as the writer and those who measure read them: in pieces, so that memory does not grow with them.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>

#include "converter/network.h"

namespace dinghy::converter {

/// Some consecutive rows from `first` on, `count` of them, all numbers of them in `numbers`.
struct TableRows {
  std::uint64_t first = 0;
  std::uint64_t count = 0;
  std::span<const float> numbers;
};

/// Calls `use` with all rows in order. Throws Error at `where`, naming table, row and column, for a number that is not
/// finite.
void for_table_rows(const Table& table, const std::string& where, const std::function<void(const TableRows&)>& use);

}  // namespace dinghy::converter
