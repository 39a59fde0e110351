// Rows as a server sends them: those of a model that has all its tables, for one whose tables are remote.
#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "dinghy/columns.h"
#include "dinghy/embedding_table.h"
#include "dinghy/model.h"

namespace dinghy::tests {

/// How the values of remote features come.
enum class Sent : std::uint8_t { ids, rows_and_ids, every_second_row, rows };

/// Makes columns for `device`, and keeps the rows that they point to.
class SentRows {
 public:
  SentRows(const Model& whole, const Model& device, Sent sent) : whole_(whole), device_(device), sent_(sent) {}

  /// The same values; where their feature is remote with rows of `whole`.
  std::vector<Column> columns(Columns from, EmbeddingTable::Side side);

 private:
  Column with_rows(const Column& column, EmbeddingTable::Side side);

  const Model& whole_;
  const Model& device_;
  Sent sent_;
  std::deque<std::vector<std::byte>> blocks_;
  std::deque<std::vector<std::uint32_t>> which_;
};

}  // namespace dinghy::tests
