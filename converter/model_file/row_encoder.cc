#include "converter/model_file/row_encoder.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

namespace dinghy::converter {
namespace {

using format::RowForm;

// FBGEMM computes in float, so that is what these are; no contraction (CMakeLists.txt) may change a bit.
void encode_i8(std::span<const float> numbers, float smallest, float range, std::byte* out) {
  const float scale = range / 255.0f;
  const float inverse = 255.0f / (range + 1e-8f);
  for (const float x : numbers) *out++ = static_cast<std::byte>(std::lrintf((x - smallest) * inverse));
  std::memcpy(out, &scale, sizeof scale);
  std::memcpy(out + sizeof scale, &smallest, sizeof smallest);
}

struct HalfScale {
  std::uint16_t scale, bias;
  float bias_number, inverse;
};

HalfScale half_scale(float smallest, float largest, int codes) {
  const std::uint16_t bias = float_to_half(smallest);
  const float bias_number = format::half_to_float(bias);
  const float range = largest - bias_number;
  std::uint16_t half = float_to_half(range == 0 ? 1.0f : range / static_cast<float>(codes));
  float scale = format::half_to_float(half);
  if (scale == 0) scale = 1.0f;  // of a range so small that its half is 0
  float inverse = 1.0f / scale;
  if (std::isinf(inverse)) scale = inverse = 1.0f;
  return {float_to_half(scale), bias, bias_number, inverse};
}

unsigned half_code(const HalfScale& scale, float x, int codes) {
  const long code = std::lrintf((x - scale.bias_number) * scale.inverse);
  return static_cast<unsigned>(std::clamp<long>(code, 0, codes));
}

void encode_halves(RowForm form, std::span<const float> numbers, float smallest, float largest, std::byte* out) {
  const int codes = form == RowForm::i4 ? 15 : 255;
  const HalfScale scale = half_scale(smallest, largest, codes);
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const unsigned code = half_code(scale, numbers[i], codes);
    if (form != RowForm::i4) {
      out[i] = static_cast<std::byte>(code);
    } else if (i % 2 == 0) {
      out[i / 2] = static_cast<std::byte>(code);
    } else {
      out[i / 2] |= static_cast<std::byte>(code << 4);
    }
  }
  std::byte* const behind = out + (form == RowForm::i4 ? (numbers.size() + 1) / 2 : numbers.size());
  std::memcpy(behind, &scale.scale, sizeof scale.scale);
  std::memcpy(behind + sizeof scale.scale, &scale.bias, sizeof scale.bias);
}

}  // namespace

std::uint16_t float_to_half(float x) {
  const std::uint32_t bits = std::bit_cast<std::uint32_t>(x);
  const auto sign = static_cast<std::uint16_t>(bits >> 16 & 0x8000u);
  const std::uint32_t magnitude = bits & 0x7fffffffu;
  if (magnitude > 0x7f800000u) return static_cast<std::uint16_t>(sign | 0x7e00u);
  if (magnitude >= 0x477ff000u) return static_cast<std::uint16_t>(sign | 0x7c00u);
  if (magnitude < 0x38800000u) {  // a subnormal half: whole multiples of 2^-24
    const float scaled = std::nearbyintf(std::bit_cast<float>(magnitude) * 0x1p24f);
    return static_cast<std::uint16_t>(sign | static_cast<std::uint32_t>(scaled));
  }
  const std::uint32_t odd = magnitude >> 13 & 1;
  return static_cast<std::uint16_t>(sign | (((magnitude + 0xfffu + odd) >> 13) - (112u << 10)));
}

void encode_row(RowForm form, std::span<const float> numbers, std::byte* out) {
  if (form == RowForm::f32) {
    std::memcpy(out, numbers.data(), numbers.size_bytes());
    return;
  }
  if (form == RowForm::f16) {
    for (const float x : numbers) {
      const std::uint16_t half = float_to_half(x);
      std::memcpy(out, &half, sizeof half);
      out += sizeof half;
    }
    return;
  }
  const auto [smallest, largest] = std::minmax_element(numbers.begin(), numbers.end());
  if (form == RowForm::i8) return encode_i8(numbers, *smallest, *largest - *smallest, out);
  encode_halves(form, numbers, *smallest, *largest, out);
}

}  // namespace dinghy::converter
