// The candidates of a call: the rows of tables that they name, and their vectors.
#pragma once

#include "dinghy/columns.h"
#include "engine/network/network.h"
#include "engine/network/row_mark.h"

namespace dinghy::scoring {

/// The candidates of the last score(), kept for rescore().
struct CandidateRows {
  bool complete = false;  // gathered without an error
  std::size_t count = 0;
  float* rows = nullptr;  // [count][stride] candidate rows (network.h)
  std::size_t stride = 0;
  network::RowMark* marks = nullptr;  // [count][features] of id features
  std::size_t features = 0;
  float* biases = nullptr;  // [count] sums of the head's biases of candidate features

  const float* at(std::size_t n) const noexcept { return rows + n * stride; }
};

/// Gathers to.count candidates from the model's matched columns. Errors: missing_id.
Status gather_candidates(const network::Model& model, const kernels::RowKernels& kernels, const Column* const* columns,
                         const CandidateRows& to) noexcept;

}  // namespace dinghy::scoring
