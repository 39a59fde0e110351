// The parts of a tower or an MLP, side by side.
#pragma once

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

/// Writes the parts to `out`, one after another. `kernels` may be null: then products are made number by number.
void concatenate(std::span<const network::Part> parts, const OperandRows& rows, const kernels::KernelTable* kernels,
                 float* out) noexcept;

}  // namespace dinghy::scoring
