// Rows of embedding tables to floats, in one pass from the mapped file to where the vector is needed.
#pragma once

#include <xsimd/xsimd.hpp>

#include "engine/kernels/kernel_table.h"
#include "engine/left_out.h"

namespace dinghy::kernels::simd {

/// V::size whole numbers of 8 or 4 bits, or halves, from `bytes` on, as floats. Nothing behind them is read.
template <class Arch>
struct Encoded;

/// half_to_float (schema/row.h) on a vector of halves, for ISAs without the instruction.
template <class Arch>
inline xsimd::batch<float, Arch> floats_of_halves(xsimd::batch<std::int32_t, Arch> half) noexcept {
  using I = xsimd::batch<std::int32_t, Arch>;
  const I magnitude = half & I(0x7fff), shifted = magnitude << 13;
  const I tiny = xsimd::bitwise_cast<std::int32_t>(xsimd::to_float(magnitude) * xsimd::batch<float, Arch>(0x1p-24f));
  I x = xsimd::select(magnitude > I(0x7bff), shifted | I(0x7f800000), shifted + I(112 << 23));
  x = xsimd::select(magnitude < I(0x400), tiny, x);
  return xsimd::bitwise_cast<float>(x | ((half & I(0x8000)) << 16));
}

#if defined(__SSE4_1__)
/// The halves of `count` bytes, the low one first, in twice as many bytes.
template <class Arch, std::size_t kCount>
inline __m128i nibbles(const std::byte* bytes) noexcept {
  std::int64_t packed = 0;
  std::memcpy(&packed, bytes, kCount);
  // Through memory: _mm_cvtsi64_si128 is for 64 bits only.
  const __m128i both = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(&packed)), mask = _mm_set1_epi8(15);
  return _mm_unpacklo_epi8(_mm_and_si128(both, mask), _mm_and_si128(_mm_srli_epi16(both, 4), mask));
}

template <>
struct Encoded<xsimd::sse4_2> {
  using V = xsimd::batch<float, xsimd::sse4_2>;
  static V u8(const std::byte* bytes) noexcept {
    std::int32_t packed;
    std::memcpy(&packed, bytes, sizeof packed);
    return _mm_cvtepi32_ps(_mm_cvtepu8_epi32(_mm_cvtsi32_si128(packed)));
  }
  static V u4(const std::byte* bytes) noexcept {
    return _mm_cvtepi32_ps(_mm_cvtepu8_epi32(nibbles<xsimd::sse4_2, 2>(bytes)));
  }
  static V f16(const std::byte* bytes) noexcept {
    const __m128i halves = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(bytes));
    return floats_of_halves<xsimd::sse4_2>(_mm_cvtepu16_epi32(halves));
  }
};
#endif

#if defined(__AVX2__)
template <>
struct Encoded<xsimd::fma3<xsimd::avx2>> {
  using V = xsimd::batch<float, xsimd::fma3<xsimd::avx2>>;
  static V u8(const std::byte* bytes) noexcept {
    return _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(bytes))));
  }
  static V u4(const std::byte* bytes) noexcept {
    return _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(nibbles<xsimd::fma3<xsimd::avx2>, 4>(bytes)));
  }
  static V f16(const std::byte* bytes) noexcept {
    return _mm256_cvtph_ps(_mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes)));
  }
};
#endif

#if defined(__AVX512F__)
template <>
struct Encoded<xsimd::avx512bw> {
  using V = xsimd::batch<float, xsimd::avx512bw>;
  static V u8(const std::byte* bytes) noexcept {
    return _mm512_cvtepi32_ps(_mm512_cvtepu8_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes))));
  }
  static V u4(const std::byte* bytes) noexcept {
    return _mm512_cvtepi32_ps(_mm512_cvtepu8_epi32(nibbles<xsimd::avx512bw, 8>(bytes)));
  }
  static V f16(const std::byte* bytes) noexcept {
    return _mm512_cvtph_ps(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(bytes)));
  }
};
#endif

#if defined(__wasm_simd128__)
template <>
struct Encoded<xsimd::wasm> {
  using V = xsimd::batch<float, xsimd::wasm>;
  static V of(v128_t bytes) noexcept {
    return wasm_f32x4_convert_u32x4(wasm_u32x4_extend_low_u16x8(wasm_u16x8_extend_low_u8x16(bytes)));
  }
  static V u8(const std::byte* bytes) noexcept { return of(wasm_v128_load32_zero(bytes)); }
  static V u4(const std::byte* bytes) noexcept {
    std::uint16_t packed;
    std::memcpy(&packed, bytes, sizeof packed);
    const v128_t both = wasm_i16x8_splat(static_cast<std::int16_t>(packed));
    const v128_t low = wasm_v128_and(both, wasm_i8x16_splat(15)), high = wasm_u8x16_shr(both, 4);
    return of(wasm_i8x16_shuffle(low, high, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23));
  }
  static V f16(const std::byte* bytes) noexcept { return floats_of_halves<xsimd::wasm>(wasm_u32x4_load16x4(bytes)); }
};
#endif

#if defined(__aarch64__) || defined(__arm__)
/// What NEON of 64 and of 32 bits have in common.
template <class Arch>
struct EncodedOfNeon {
  using V = xsimd::batch<float, Arch>;
  static V of(uint8x8_t bytes) noexcept { return vcvtq_f32_u32(vmovl_u16(vget_low_u16(vmovl_u8(bytes)))); }
  static V u8(const std::byte* bytes) noexcept {
    std::uint32_t packed;
    std::memcpy(&packed, bytes, sizeof packed);
    return of(vcreate_u8(packed));
  }
  static V u4(const std::byte* bytes) noexcept {
    std::uint16_t packed;
    std::memcpy(&packed, bytes, sizeof packed);
    const uint8x8_t both = vcreate_u8(packed);
    return of(vzip_u8(vand_u8(both, vdup_n_u8(15)), vshr_n_u8(both, 4)).val[0]);
  }
  static uint16x4_t halves(const std::byte* bytes) noexcept {
    std::uint64_t packed;
    std::memcpy(&packed, bytes, sizeof packed);
    return vcreate_u16(packed);
  }
};
#endif

#if defined(__aarch64__)
template <>
struct Encoded<xsimd::neon64> : EncodedOfNeon<xsimd::neon64> {
  static V f16(const std::byte* bytes) noexcept { return vcvt_f32_f16(vreinterpret_f16_u16(halves(bytes))); }
};
#elif defined(__arm__)
template <>
struct Encoded<xsimd::neon> : EncodedOfNeon<xsimd::neon> {
  static V f16(const std::byte* bytes) noexcept {  // not every NEON has the instruction
    return floats_of_halves<xsimd::neon>(vreinterpretq_s32_u32(vmovl_u16(halves(bytes))));
  }
};
#endif

/// out = (kAdd ? out : 0) + what `vector` gives for whole vectors, and format::row_number for the columns behind them.
template <class Arch, bool kAdd, class Vector>
void decode_columns(const EncodedRow& row, format::RowScale scale, float* out, Vector vector) noexcept {
  using V = xsimd::batch<float, Arch>;
  const std::size_t width = row.width;  // a compiler reads it again behind each store to `out`
  std::size_t i = 0;
  for (; i + V::size <= width; i += V::size) {
    const V x = vector(i);
    (kAdd ? x + V::load_unaligned(out + i) : x).store_unaligned(out + i);
  }
  for (; i < row.width; ++i) {
    const float x = format::row_number(row.form, row.bytes, scale, i);
    out[i] = kAdd ? out[i] + x : x;
  }
}

template <class Arch, bool kAdd>
void decode_as(const EncodedRow& row, float* out) noexcept {
  using V = xsimd::batch<float, Arch>;
  using From = Encoded<Arch>;
  const std::byte* const bytes = row.bytes;
  switch (row.form) {
    case format::RowForm::f32:
      return decode_columns<Arch, kAdd>(row, {}, out, [=](std::size_t i) {
        V x;
        std::memcpy(&x.data, bytes + i * 4, sizeof x.data);  // packed rows: no alignment to rely on
        return x;
      });
    case format::RowForm::f16:
      return decode_columns<Arch, kAdd>(row, {}, out, [=](std::size_t i) { return From::f16(bytes + i * 2); });
    default:
      break;
  }
  const format::RowScale scale = format::row_scale(row.form, bytes, row.width);
  const V factor(scale.scale), bias(scale.bias);
  if (kHasInt4 && row.form == format::RowForm::i4) {
    return decode_columns<Arch, kAdd>(row, scale, out,
                                      [=](std::size_t i) { return xsimd::fma(From::u4(bytes + i / 2), factor, bias); });
  }
  decode_columns<Arch, kAdd>(row, scale, out,
                             [=](std::size_t i) { return xsimd::fma(From::u8(bytes + i), factor, bias); });
}

template <class Arch>
void decode(const EncodedRow& row, float* out) noexcept {
  decode_as<Arch, false>(row, out);
}

template <class Arch>
void decode_add(const EncodedRow& row, float* out) noexcept {
  decode_as<Arch, true>(row, out);
}

}  // namespace dinghy::kernels::simd
