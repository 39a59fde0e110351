// A table whose rows are computed when they are read: of tables that go through layers behind the look-up.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "converter/network.h"

namespace dinghy::converter {

/// A summand of every row: the table's row times `matrix` ([in][out]; none: as it is). Rows from `rows` on count as
/// zeros.
struct TableTerm {
  Tensor table;
  std::optional<Matrix> matrix;
  std::uint64_t rows;
};

/// Whether rows can go through it: a kind without numbers, or leaky_relu.
bool can_compute(const Activation& activation);

/// The sum of the terms plus `bias` (empty: none) through `activation`, one that can_compute() takes, as a
/// tensor [rows][width] of float64 that holds none of its rows. The tables have two dimensions, the same count of rows,
/// and the terms the same width.
Tensor computed_table(const std::string& name, std::vector<TableTerm> terms, Vector bias = {},
                      const Activation& activation = {});

}  // namespace dinghy::converter
