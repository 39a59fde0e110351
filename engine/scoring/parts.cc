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

void concatenate(std::span<const network::Part> parts, const OperandRows& rows, const kernels::KernelTable* kernels,
                 float* out) noexcept {
  for (const network::Part& part : parts) {
    const float* const x = rows.at(part.operand);
    const std::size_t width = part.operand.width;
    if (!part.is_product) {
      std::copy_n(x, width, out);
    } else if (kernels != nullptr) {
      kernels->multiply(x, rows.at(part.times), width, out);
    } else {
      for (std::size_t i = 0; i < width; ++i) out[i] = x[i] * rows.at(part.times)[i];
    }
    out += width;
  }
}

}  // namespace dinghy::scoring
