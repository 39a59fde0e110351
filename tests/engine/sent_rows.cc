#include "tests/engine/sent_rows.h"

#include <catch2/catch_test_macros.hpp>

namespace dinghy::tests {

std::vector<Column> SentRows::columns(Columns from, EmbeddingTable::Side side) {
  std::vector<Column> columns;
  for (const Column& column : from) columns.push_back(with_rows(column, side));
  return columns;
}

Column SentRows::with_rows(const Column& column, EmbeddingTable::Side side) {
  const Feature& feature = device_.features()[column.feature()];
  const bool history = side == EmbeddingTable::Side::history;
  const std::uint64_t version = history ? feature.remote_history_version : feature.remote_version;
  if (sent_ == Sent::ids || version == 0) return column;
  const auto table = EmbeddingTable::of(whole_, column.feature(), side);
  REQUIRE(table.ok());
  CHECK(table->version() == version);
  // At an odd address: a block lies wherever a message has it.
  std::vector<std::byte>& memory = blocks_.emplace_back(table->block_size(column.size()) + 1);
  std::vector<std::uint32_t>& which = which_.emplace_back(column.size());
  const auto written = table->write(column, std::span(memory).subspan(1), which);
  REQUIRE(written.ok());
  const std::span<const std::byte> block(memory.data() + 1, *written);
  if (sent_ == Sent::rows) {
    return column.is_bag() ? Column::row_bags(column.feature(), block, which, column.offsets())
                           : Column::rows(column.feature(), block, which);
  }
  for (std::size_t i = 1; sent_ == Sent::every_second_row && i < which.size(); i += 2) which[i] = Column::kNoRow;
  return column.with_rows(block, which);
}

}  // namespace dinghy::tests
