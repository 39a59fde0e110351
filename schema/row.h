// The rows of embedding tables: how numbers lie in the file (FORMAT.md, "Table segments"), and the way back to floats.
// The converter writes them, the engine and its reference read them. What kernels call is inlined always: a copy that
// was compiled for a wide ISA must not be there for others to call.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace dinghy::format {

/// Encoding and ScaleType of model.fbs in one.
enum class RowForm : std::uint8_t {
  f32,
  f16,
  i8,       // unsigned bytes q, then scale and bias as f32: x = q * scale + bias. FBGEMM's fused 8-bit rows.
  i8_half,  // the same with scale and bias as f16
  i4,  // two numbers a byte, the even column in the low half, then scale and bias as f16. FBGEMM's fused 4-bit rows.
};

/// The words that people write and read.
constexpr const char* word_of(RowForm form) noexcept {
  switch (form) {
    case RowForm::f32:
      return "f32";
    case RowForm::f16:
      return "f16";
    case RowForm::i8:
      return "i8";
    case RowForm::i8_half:
      return "i8h";
    case RowForm::i4:
      return "i4";
  }
  return "";
}

/// Bytes of a row of `width` numbers.
constexpr std::uint64_t row_bytes(RowForm form, std::uint64_t width) noexcept {
  switch (form) {
    case RowForm::f32:
      return width * 4;
    case RowForm::f16:
      return width * 2;
    case RowForm::i8:
      return width + 8;
    case RowForm::i8_half:
      return width + 4;
    case RowForm::i4:
      return (width + 1) / 2 + 4;
  }
  return 0;
}

/// IEEE 754 binary16 to float, exactly. No float arithmetic on subnormals: the engine runs with denormals flushed.
[[gnu::always_inline]] inline float half_to_float(std::uint16_t half) noexcept {
  const std::uint32_t sign = (half & 0x8000u) << 16, exponent = half >> 10 & 0x1f, fraction = half & 0x3ffu;
  if (exponent == 0) {
    const float magnitude = static_cast<float>(fraction) * 0x1p-24f;
    return sign != 0 ? -magnitude : magnitude;
  }
  const std::uint32_t wide = exponent == 31 ? 255 : exponent + 112;
  return std::bit_cast<float>(sign | wide << 23 | fraction << 13);
}

/// Scale and bias behind the bytes of a row; f32 and f16 have none.
struct RowScale {
  float scale = 0;
  float bias = 0;
};

[[gnu::always_inline]] inline RowScale row_scale(RowForm form, const std::byte* row, std::size_t width) noexcept {
  if (form == RowForm::f32 || form == RowForm::f16) return {};
  const std::byte* const at = row + (form == RowForm::i4 ? (width + 1) / 2 : width);
  if (form == RowForm::i8) {
    RowScale scale;
    std::memcpy(&scale, at, sizeof scale);
    return scale;
  }
  std::uint16_t halves[2];
  std::memcpy(halves, at, sizeof halves);
  return {half_to_float(halves[0]), half_to_float(halves[1])};
}

/// The whole number q in `column` of an i8 or i4 row.
[[gnu::always_inline]] inline unsigned row_code(RowForm form, const std::byte* row, std::size_t column) noexcept {
  if (form != RowForm::i4) return std::to_integer<unsigned>(row[column]);
  return std::to_integer<unsigned>(row[column / 2]) >> (column % 2 * 4) & 15u;
}

/// The number in `column` of a row whose scale is `scale`, rounded once.
[[gnu::always_inline]] inline float row_number(RowForm form, const std::byte* row, RowScale scale,
                                               std::size_t column) noexcept {
  if (form == RowForm::f32) {
    float x;
    std::memcpy(&x, row + column * sizeof x, sizeof x);
    return x;
  }
  if (form == RowForm::f16) {
    std::uint16_t half;
    std::memcpy(&half, row + column * sizeof half, sizeof half);
    return half_to_float(half);
  }
  // In double the product is exact.
  return static_cast<float>(row_code(form, row, column) * static_cast<double>(scale.scale) +
                            static_cast<double>(scale.bias));
}

/// All `width` numbers of a row.
inline void decode_row(RowForm form, const std::byte* row, std::size_t width, float* out) noexcept {
  const RowScale scale = row_scale(form, row, width);
  for (std::size_t i = 0; i < width; ++i) out[i] = row_number(form, row, scale, i);
}

}  // namespace dinghy::format
