// The parts of a tower or an MLP, side by side.
#pragma once

#include <cstddef>
#include <span>

#include "engine/kernels/kernel_table.h"
#include "engine/network/network.h"

namespace dinghy::scoring {

/// The rows that operands are cut from; a row that no operand names may be null.
struct OperandRows {
  const float* user = nullptr;
  const float* candidate = nullptr;
  const float* results = nullptr;

  const float* at(const network::Operand& operand) const noexcept;
};

/// Writes the parts to `out`, one after another.
void concatenate(std::span<const network::Part> parts, const OperandRows& rows, const kernels::RowKernels& kernels,
                 float* out) noexcept;

}  // namespace dinghy::scoring
