// From the rows of columns to the vectors of features.
#pragma once

#include <cstddef>

#include "engine/network/columns.h"
#include "engine/network/network.h"

namespace dinghy::network {

/// Writes the vector of one row of `column` (matched and checked) to `out`, feature.width floats: the embedding, the
/// pooled embeddings of a bag, or the numbers, projected where the model projects them. In the history the feature's
/// history_table serves. Counts missing ids. Errors: missing_id, naming feature, row and id.
Status gather(const Model& model, std::uint32_t feature, Side side, const Column& column, std::size_t row,
              float* out) noexcept;

/// Adds the bias that the head has for the id in `row` of its feature's column. Errors: missing_id.
Status add_bias(const Model& model, const Bias& bias, const Column& column, std::size_t row, float& logit) noexcept;

/// The vector of the padding row that training put behind short histories; zeros where it was a zero vector.
void gather_padding(const Feature& feature, float* out) noexcept;

}  // namespace dinghy::network
