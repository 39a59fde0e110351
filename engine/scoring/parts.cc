#include "engine/scoring/parts.h"

#include <algorithm>

namespace dinghy::scoring {

const float* OperandRows::at(const network::Operand& operand) const noexcept {
  switch (operand.row) {
    case network::Row::user:
      return user + operand.offset;
    case network::Row::candidate:
      return candidate + operand.offset;
    case network::Row::result:
      return results + operand.offset;
  }
  return nullptr;
}

void concatenate(std::span<const network::Part> parts, const OperandRows& rows, const kernels::RowKernels& kernels,
                 float* out) noexcept {
  for (const network::Part& part : parts) {
    const float* const x = rows.at(part.operand);
    const std::size_t width = part.operand.width;
    if (part.is_product) {
      kernels.multiply(x, rows.at(part.times), width, out);
    } else {
      std::copy_n(x, width, out);
    }
    out += width;
  }
}

}  // namespace dinghy::scoring
