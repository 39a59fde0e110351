#include "converter/model_file/table_rows.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "converter/error.h"
#include "converter/packed_rows.h"

namespace dinghy::converter {
namespace {

constexpr std::uint64_t kChunkBytes = 1 << 20;

std::string cause_of(const Table& table) {
  return packed_form(table.source)
             ? ", by the scale or bias of its row; [packed] names another form, or the file is damaged"
             : "; the training went wrong or the file is damaged";
}

void require_finite(const Table& table, std::span<const float> numbers, std::uint64_t first_row,
                    const std::string& where) {
  const auto bad = std::find_if_not(numbers.begin(), numbers.end(), [](float x) { return std::isfinite(x); });
  if (bad == numbers.end()) return;
  const std::uint64_t index = static_cast<std::uint64_t>(bad - numbers.begin());
  const std::uint64_t width = static_cast<std::uint64_t>(table.source.shape[1]);
  throw Error(where + ": " + table.source.name, "row " + std::to_string(first_row + index / width) + ", column " +
                                                    std::to_string(index % width) + " is " + std::to_string(*bad) +
                                                    cause_of(table));
}

}  // namespace

void for_table_rows(const Table& table, const std::string& where, const std::function<void(const TableRows&)>& use) {
  const std::uint64_t rows = static_cast<std::uint64_t>(table.source.shape[0]);
  const std::uint64_t width = static_cast<std::uint64_t>(table.source.shape[1]);
  const std::uint64_t rows_at_once = std::max<std::uint64_t>(1, kChunkBytes / (width * sizeof(float)));
  std::vector<float> chunk(std::min(rows, rows_at_once) * width);
  for (std::uint64_t row = 0; row < rows; row += rows_at_once) {
    const std::uint64_t count = std::min(rows_at_once, rows - row);
    const auto numbers = std::span(chunk).first(count * width);
    table.source.read_rows(row, count, numbers);
    require_finite(table, numbers, row, where);
    use({row, count, numbers});
  }
}

}  // namespace dinghy::converter
