// From the rows of columns to the vectors of features.
#pragma once

#include <cstddef>

#include "engine/network/columns.h"
#include "engine/network/network.h"

namespace dinghy::network {

/// Finds the row of each of `count` values of an id feature from `first` on: rows[i * stride], null for the zero
/// vector. Rows are what tells two values apart: equal ids, and ids that share a row, give the same pointer. Asks the
/// processor for the rows, so that copying them later does not wait for each in turn. Counts missing ids. Errors:
/// missing_id, naming feature, entry and id.
Status find_rows(const Model& model, std::uint32_t feature, Side side, const Column& column, std::size_t first,
                 std::size_t count, const std::byte** rows, std::size_t stride) noexcept;

/// Writes the vector at `row` of `table` (find_rows; zeros for null) to `out`, table.width floats.
void copy_vector(const Table& table, const kernels::RowKernels& kernels, const std::byte* row, float* out) noexcept;

/// The row of padding in the feature's history table; null where training padded with zero vectors, and for numbers.
const std::byte* padding_row(const Feature& feature) noexcept;

/// Writes the vector of padding in the history to `out`, feature.width floats.
void copy_padding(const Feature& feature, const kernels::RowKernels& kernels, float* out) noexcept;

/// Writes the vector of one row of `column` (matched and checked) to `out`, feature.width floats: the embedding, the
/// pooled embeddings of a bag, or the numbers, projected where the model projects them. In the history the feature's
/// history_table serves. Counts missing ids. Errors: missing_id, naming feature, row and id.
Status gather(const Model& model, const kernels::RowKernels& kernels, std::uint32_t feature, Side side,
              const Column& column, std::size_t row, float* out) noexcept;

/// Whether gather() would find the ids of `count` bags from `first` on. Counts the one that it reports, no other.
/// Errors: missing_id.
Status check_bags(const Model& model, std::uint32_t feature, Side side, const Column& column, std::size_t first,
                  std::size_t count) noexcept;

/// Adds the bias that the head has for the id in `row` of its feature's column. Errors: missing_id.
Status add_bias(const Model& model, const Bias& bias, const Column& column, std::size_t row, float& logit) noexcept;

}  // namespace dinghy::network
