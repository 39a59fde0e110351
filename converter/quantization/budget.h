// Which forms of rows fit into a number of bytes and lose the least.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace dinghy::converter {

/// One way to store a table.
struct FormCost {
  std::uint64_t bytes = 0;
  double error = 0;  // adds up over the tables
};

/// For each table the index of one of its ways, so that the bytes together are within `budget` and the errors together
/// are the least. Exact up to the rounding of each table's bytes to a millionth of the budget. Nothing when not even
/// the smallest ways fit. A table has one way at least.
std::optional<std::vector<std::size_t>> choose_within(const std::vector<std::vector<FormCost>>& tables,
                                                      std::uint64_t budget);

/// "20MB", "1.5GB", "900KB", "123456": units of 1000. Throws Error for anything else.
std::uint64_t read_bytes(std::string_view text);

}  // namespace dinghy::converter
