// Words of small integers: how an ISA multiplies and sums them, and what its bytes may be.
#pragma once

#include <xsimd/xsimd.hpp>

#include "engine/kernels/integer_kernels.h"

namespace dinghy::kernels::simd {

/// Two integers of 16 bits a word.
///   kGroup words of a row are taken at once: add(sum, x, w) = sum + x[0] . w[0] + … in every lane
///   store(to, a, b): the integers of two vectors, in their order, as 16 bits each
template <class Arch>
struct Int16;

/// Four bytes a word, those of rows unsigned with an offset where the instructions want it so.
///   kRow, kWeight: the largest magnitudes for which add() is exact
template <class Arch>
struct Int8;

#if defined(__SSE4_1__)
template <>
struct Int16<xsimd::sse4_2> {
  using I = xsimd::batch<std::int32_t, xsimd::sse4_2>;
  static constexpr int kGroup = 1;
  static I add(I sum, const I* x, const I* w) noexcept { return _mm_add_epi32(sum, _mm_madd_epi16(x[0], w[0])); }
  static void store(void* to, I a, I b) noexcept {
    _mm_storeu_si128(static_cast<__m128i*>(to), _mm_packs_epi32(a, b));
  }
};

/// pmaddubsw adds two products in 16 bits and saturates: (64 + 63) * 63 * 4 = 32,004 for two words is below 2^15.
template <>
struct Int8<xsimd::sse4_2> {
  using I = xsimd::batch<std::int32_t, xsimd::sse4_2>;
  static constexpr int kGroup = 2;
  static constexpr std::int32_t kRow = 63, kWeight = 63, kOffset = 64;
  static I add(I sum, const I* x, const I* w) noexcept {
    const __m128i pairs = _mm_add_epi16(_mm_maddubs_epi16(x[0], w[0]), _mm_maddubs_epi16(x[1], w[1]));
    return _mm_add_epi32(sum, _mm_madd_epi16(pairs, _mm_set1_epi16(1)));
  }
};
#endif

#if defined(__AVX2__)
template <>
struct Int16<xsimd::fma3<xsimd::avx2>> {
  using I = xsimd::batch<std::int32_t, xsimd::fma3<xsimd::avx2>>;
  static constexpr int kGroup = 1;
  static I add(I sum, const I* x, const I* w) noexcept { return _mm256_add_epi32(sum, _mm256_madd_epi16(x[0], w[0])); }
  static void store(void* to, I a, I b) noexcept {
    const __m256i halves = _mm256_packs_epi32(a, b);  // a0 b0 | a1 b1
    _mm256_storeu_si256(static_cast<__m256i*>(to), _mm256_permute4x64_epi64(halves, 0xd8));
  }
};

template <>
struct Int8<xsimd::fma3<xsimd::avx2>> {
  using I = xsimd::batch<std::int32_t, xsimd::fma3<xsimd::avx2>>;
  static constexpr int kGroup = 2;
  static constexpr std::int32_t kRow = 63, kWeight = 63, kOffset = 64;
  static I add(I sum, const I* x, const I* w) noexcept {
    const __m256i pairs = _mm256_add_epi16(_mm256_maddubs_epi16(x[0], w[0]), _mm256_maddubs_epi16(x[1], w[1]));
    return _mm256_add_epi32(sum, _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)));
  }
};
#endif

#if defined(__AVX512BW__)
template <>
struct Int16<xsimd::avx512bw> {
  using I = xsimd::batch<std::int32_t, xsimd::avx512bw>;
  static constexpr int kGroup = 1;
  static I add(I sum, const I* x, const I* w) noexcept { return _mm512_add_epi32(sum, _mm512_madd_epi16(x[0], w[0])); }
  static void store(void* to, I a, I b) noexcept {
    _mm256_storeu_si256(static_cast<__m256i*>(to), _mm512_cvtsepi32_epi16(a));
    _mm256_storeu_si256(static_cast<__m256i*>(to) + 1, _mm512_cvtsepi32_epi16(b));
  }
};

template <>
struct Int8<xsimd::avx512bw> {
  using I = xsimd::batch<std::int32_t, xsimd::avx512bw>;
  static constexpr int kGroup = 2;
  static constexpr std::int32_t kRow = 63, kWeight = 63, kOffset = 64;
  static I add(I sum, const I* x, const I* w) noexcept {
    const __m512i pairs = _mm512_add_epi16(_mm512_maddubs_epi16(x[0], w[0]), _mm512_maddubs_epi16(x[1], w[1]));
    return _mm512_add_epi32(sum, _mm512_madd_epi16(pairs, _mm512_set1_epi16(1)));
  }
};
#endif

#if defined(__AVX512VNNI__)
using Avx512Vnni = xsimd::avx512vnni<xsimd::avx512bw>;

template <>
struct Int16<Avx512Vnni> {
  using I = xsimd::batch<std::int32_t, Avx512Vnni>;
  static constexpr int kGroup = 1;
  static I add(I sum, const I* x, const I* w) noexcept { return _mm512_dpwssd_epi32(sum, x[0], w[0]); }
  static void store(void* to, I a, I b) noexcept {
    _mm256_storeu_si256(static_cast<__m256i*>(to), _mm512_cvtsepi32_epi16(a));
    _mm256_storeu_si256(static_cast<__m256i*>(to) + 1, _mm512_cvtsepi32_epi16(b));
  }
};

template <>
struct Int8<Avx512Vnni> {
  using I = xsimd::batch<std::int32_t, Avx512Vnni>;
  static constexpr int kGroup = 1;
  static constexpr std::int32_t kRow = 127, kWeight = 127, kOffset = 128;
  static I add(I sum, const I* x, const I* w) noexcept { return _mm512_dpbusd_epi32(sum, x[0], w[0]); }
};
#endif

/// How many rows and vectors of sums a tile keeps in registers, besides kGroup words of the weight for each vector.
template <class Arch>
struct IntegerTile {
  static constexpr int kRows = 4;
  static constexpr int kVectors = 2;
};
#if defined(__AVX512BW__)
template <>
struct IntegerTile<xsimd::avx512bw> {
  static constexpr int kRows = 8;
  static constexpr int kVectors = 3;
};
#endif
#if defined(__AVX512VNNI__)
template <>
struct IntegerTile<Avx512Vnni> : IntegerTile<xsimd::avx512bw> {};
#endif

}  // namespace dinghy::kernels::simd
