// From the rows of columns to the vectors of features.
#pragma once

#include <cstddef>

#include "engine/network/columns.h"
#include "engine/network/network.h"
#include "engine/network/row_mark.h"

namespace dinghy::network {

/// Writes the marks of `count` values of an id feature from `first` on to marks[i * stride]. Asks the processor for
/// their rows, so that copying them later does not wait for each in turn. Counts missing ids. Errors: missing_id,
/// naming feature, entry and id.
Status find_rows(const Model& model, std::uint32_t feature, Side side, const Column& column, std::size_t first,
                 std::size_t count, RowMark* marks, std::size_t stride) noexcept;

/// Writes the vector of value `index` of an id feature's column, which find_rows gave `mark`, to `out`: table.width
/// floats.
void copy_value(const Model& model, const kernels::RowKernels& kernels, const Table& table, const Column& column,
                std::size_t index, RowMark mark, float* out) noexcept;

/// The mark of padding in the feature's history: 0 where training padded with zero vectors, and for numbers.
RowMark padding_mark(const Model& model, const Feature& feature) noexcept;

/// Writes the vector of padding in the history to `out`, feature.width floats.
void copy_padding(const Model& model, const kernels::RowKernels& kernels, const Feature& feature, float* out) noexcept;

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
