#include "converter/quantization/column_sizes.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "converter/model_file/table_rows.h"

namespace dinghy::converter {
namespace {

// What the engine accepts (network/read_tables.cc), by a margin for the rounding to float.
constexpr double kLeast = 1e-29, kMost = 1e29;

Vector column_sizes(const Table& table, const std::string& where) {
  Vector squares(static_cast<std::size_t>(table.source.shape[1]));
  for_table_rows(table, where, [&](const TableRows& rows) {
    for (std::size_t i = 0; i < rows.numbers.size(); ++i) {
      const auto x = static_cast<double>(rows.numbers[i]);
      squares[i % squares.size()] += x * x;
    }
  });
  const auto rows = static_cast<double>(table.source.shape[0]);
  for (double& size : squares) size = size == 0 ? 1 : std::clamp(std::sqrt(size / rows), kLeast, kMost);
  return squares;
}

}  // namespace

void measure_columns(Network& network, const std::string& where) {
  std::set<int> tables;
  for (const Interest& interest : network.interests) {
    if (interest.score != format::Score::mlp) continue;
    for (const Field& field : interest.fields) tables.insert(network.features[field.key].history_table);
  }
  tables.erase(-1);
  for (const int t : tables) {
    Table& table = network.tables[static_cast<std::size_t>(t)];
    table.column_sizes = column_sizes(table, where);
  }
}

}  // namespace dinghy::converter
