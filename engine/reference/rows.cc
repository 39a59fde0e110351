// The kernels of rows, number by number.
#include "engine/kernels/isa/tables.h"
#include "engine/reference/layers.h"

namespace dinghy::kernels {
namespace {

void multiply(const float* a, const float* b, std::size_t n, float* y) noexcept {
  for (std::size_t i = 0; i < n; ++i) y[i] = a[i] * b[i];
}

void probability(float* x, std::size_t n) noexcept {
  for (std::size_t i = 0; i < n; ++i) x[i] = static_cast<float>(reference::sigmoid(static_cast<double>(x[i])));
}

void decode(const EncodedRow& row, float* out) noexcept { format::decode_row(row.form, row.bytes, row.width, out); }

void decode_add(const EncodedRow& row, float* out) noexcept {
  const format::RowScale scale = format::row_scale(row.form, row.bytes, row.width);
  for (std::size_t i = 0; i < row.width; ++i) out[i] += format::row_number(row.form, row.bytes, scale, i);
}

}  // namespace

const RowKernels& reference_rows() noexcept {
  static constexpr RowKernels kRows = {
      .multiply = &multiply, .probability = &probability, .decode = &decode, .decode_add = &decode_add};
  return kRows;
}

}  // namespace dinghy::kernels
