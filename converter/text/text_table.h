// Aligned columns of text.
#pragma once

#include <string>
#include <vector>

namespace dinghy::converter {

/// Columns as wide as their longest cell, two spaces before each. The first row names the columns.
class TextTable {
 public:
  using Row = std::vector<std::string>;

  explicit TextTable(Row heads) { rows_.push_back(std::move(heads)); }
  /// As many cells as there are heads.
  void add(Row row) { rows_.push_back(std::move(row)); }

  std::string text() const;

 private:
  std::vector<Row> rows_;
};

}  // namespace dinghy::converter
