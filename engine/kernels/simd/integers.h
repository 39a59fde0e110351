// Words of small integers: how an ISA multiplies and sums them, and what its bytes may be.
#pragma once

#include <xsimd/xsimd.hpp>

#include "engine/kernels/integer_kernels.h"
#include "engine/kernels/simd/avx2_vnni.h"
#include "engine/kernels/simd/neon64_dotprod.h"

namespace dinghy::kernels::simd {

/// Two integers of 16 bits a word.
///   kGroup: words of a row that are taken at once: add(sum, x, w) = sum + x[0] . w[0] + … in every lane
///   kVectors: how many vectors of integers fill one vector of words; store() writes their numbers in their order
///   kOffset: what the integers of a row have been raised by
///   kPays: whether sums take fewer instructions than those of floats
template <class Arch>
struct Int16;

/// Four bytes a word, those of rows unsigned, as the instructions want them.
///   kRow, kWeight: the largest magnitudes for which add() is exact
template <class Arch>
struct Int8;

#if defined(__SSE4_1__)
template <>
struct Int16<xsimd::sse4_2> {
  using I = xsimd::batch<std::int32_t, xsimd::sse4_2>;
  static constexpr int kGroup = 1, kVectors = 2, kOffset = 0;
  static constexpr bool kPays = true;
  static I add(I sum, const I* x, const I* w) noexcept { return _mm_add_epi32(sum, _mm_madd_epi16(x[0], w[0])); }
  static void store(void* to, const I* n) noexcept {
    _mm_storeu_si128(static_cast<__m128i*>(to), _mm_packs_epi32(n[0], n[1]));
  }
};

/// pmaddubsw adds two products in 16 bits and saturates: (64 + 63) * 63 * 4 = 32,004 for two words is below 2^15.
template <>
struct Int8<xsimd::sse4_2> {
  using I = xsimd::batch<std::int32_t, xsimd::sse4_2>;
  static constexpr int kGroup = 2, kVectors = 4, kOffset = 64;
  static constexpr std::int32_t kRow = 63, kWeight = 63;
  static I add(I sum, const I* x, const I* w) noexcept {
    const __m128i pairs = _mm_add_epi16(_mm_maddubs_epi16(x[0], w[0]), _mm_maddubs_epi16(x[1], w[1]));
    return _mm_add_epi32(sum, _mm_madd_epi16(pairs, _mm_set1_epi16(1)));
  }
  static void store(void* to, const I* n) noexcept {
    const __m128i low = _mm_packs_epi32(n[0], n[1]), high = _mm_packs_epi32(n[2], n[3]);
    _mm_storeu_si128(static_cast<__m128i*>(to), _mm_packus_epi16(low, high));
  }
};
#endif

#if defined(__AVX2__)
template <>
struct Int16<xsimd::fma3<xsimd::avx2>> {
  using I = xsimd::batch<std::int32_t, xsimd::fma3<xsimd::avx2>>;
  static constexpr int kGroup = 1, kVectors = 2, kOffset = 0;
  static constexpr bool kPays = true;
  static I add(I sum, const I* x, const I* w) noexcept { return _mm256_add_epi32(sum, _mm256_madd_epi16(x[0], w[0])); }
  static void store(void* to, const I* n) noexcept { store_packed(to, n[0], n[1]); }

 protected:
  [[gnu::always_inline]] static void store_packed(void* to, __m256i a, __m256i b) noexcept {
    const __m256i halves = _mm256_packs_epi32(a, b);  // four numbers of each, then the other four of each
    _mm256_storeu_si256(static_cast<__m256i*>(to), _mm256_permute4x64_epi64(halves, 0xd8));
  }
};

template <>
struct Int8<xsimd::fma3<xsimd::avx2>> {
  using I = xsimd::batch<std::int32_t, xsimd::fma3<xsimd::avx2>>;
  static constexpr int kGroup = 2, kVectors = 4, kOffset = 64;
  static constexpr std::int32_t kRow = 63, kWeight = 63;
  static I add(I sum, const I* x, const I* w) noexcept {
    const __m256i pairs = _mm256_add_epi16(_mm256_maddubs_epi16(x[0], w[0]), _mm256_maddubs_epi16(x[1], w[1]));
    return _mm256_add_epi32(sum, _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)));
  }
  static void store(void* to, const I* n) noexcept { store_packed(to, n[0], n[1], n[2], n[3]); }

 protected:
  [[gnu::always_inline]] static void store_packed(void* to, __m256i a, __m256i b, __m256i c, __m256i d) noexcept {
    const __m256i low = _mm256_packs_epi32(a, b), high = _mm256_packs_epi32(c, d);
    const __m256i quarters = _mm256_packus_epi16(low, high);  // four bytes of each vector, then the other four of each
    _mm256_storeu_si256(static_cast<__m256i*>(to),
                        _mm256_permutevar8x32_epi32(quarters, _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7)));
  }
};
#endif

#if defined(__AVXVNNI__)
template <>
struct Int16<Avx2Vnni> : Int16<xsimd::fma3<xsimd::avx2>> {
  using I = xsimd::batch<std::int32_t, Avx2Vnni>;
  static I add(I sum, const I* x, const I* w) noexcept { return _mm256_dpwssd_avx_epi32(sum, x[0], w[0]); }
  static void store(void* to, const I* n) noexcept { store_packed(to, n[0], n[1]); }
};

template <>
struct Int8<Avx2Vnni> : Int8<xsimd::fma3<xsimd::avx2>> {
  using I = xsimd::batch<std::int32_t, Avx2Vnni>;
  static constexpr int kGroup = 1, kOffset = 128;
  static constexpr std::int32_t kRow = 127, kWeight = 127;
  static I add(I sum, const I* x, const I* w) noexcept { return _mm256_dpbusd_avx_epi32(sum, x[0], w[0]); }
  static void store(void* to, const I* n) noexcept { store_packed(to, n[0], n[1], n[2], n[3]); }
};
#endif

#if defined(__AVX512BW__)
/// What the instructions of both have in common.
struct Int16OfAvx512 {
  static constexpr int kGroup = 1, kVectors = 2, kOffset = 0;
  static constexpr bool kPays = true;
  template <class I>
  [[gnu::always_inline]] static void store(void* to, const I* n) noexcept {
    for (int v = 0; v < kVectors; ++v) {
      _mm256_storeu_si256(static_cast<__m256i*>(to) + v, _mm512_cvtsepi32_epi16(n[v]));
    }
  }
};
struct Int8OfAvx512 {
  static constexpr int kVectors = 4;
  template <class I>
  [[gnu::always_inline]] static void store(void* to, const I* n) noexcept {
    for (int v = 0; v < kVectors; ++v) _mm_storeu_si128(static_cast<__m128i*>(to) + v, _mm512_cvtepi32_epi8(n[v]));
  }
};

template <>
struct Int16<xsimd::avx512bw> : Int16OfAvx512 {
  using I = xsimd::batch<std::int32_t, xsimd::avx512bw>;
  static I add(I sum, const I* x, const I* w) noexcept { return _mm512_add_epi32(sum, _mm512_madd_epi16(x[0], w[0])); }
};

template <>
struct Int8<xsimd::avx512bw> : Int8OfAvx512 {
  using I = xsimd::batch<std::int32_t, xsimd::avx512bw>;
  static constexpr int kGroup = 2, kOffset = 64;
  static constexpr std::int32_t kRow = 63, kWeight = 63;
  static I add(I sum, const I* x, const I* w) noexcept {
    const __m512i pairs = _mm512_add_epi16(_mm512_maddubs_epi16(x[0], w[0]), _mm512_maddubs_epi16(x[1], w[1]));
    return _mm512_add_epi32(sum, _mm512_madd_epi16(pairs, _mm512_set1_epi16(1)));
  }
};
#endif

#if defined(__AVX512VNNI__)
using Avx512Vnni = xsimd::avx512vnni<xsimd::avx512bw>;

template <>
struct Int16<Avx512Vnni> : Int16OfAvx512 {
  using I = xsimd::batch<std::int32_t, Avx512Vnni>;
  static I add(I sum, const I* x, const I* w) noexcept { return _mm512_dpwssd_epi32(sum, x[0], w[0]); }
};

template <>
struct Int8<Avx512Vnni> : Int8OfAvx512 {
  using I = xsimd::batch<std::int32_t, Avx512Vnni>;
  static constexpr int kGroup = 1, kOffset = 128;
  static constexpr std::int32_t kRow = 127, kWeight = 127;
  static I add(I sum, const I* x, const I* w) noexcept { return _mm512_dpbusd_epi32(sum, x[0], w[0]); }
};
#endif

#if defined(__ARM_FEATURE_DOTPROD)
/// A vector of products has half as many numbers as one of integers: it takes twice the instructions of floats.
template <>
struct Int16<Neon64Dotprod> {
  using I = xsimd::batch<std::int32_t, Neon64Dotprod>;
  static constexpr int kGroup = 1, kVectors = 2, kOffset = 0;
  static constexpr bool kPays = false;
  static I add(I sum, const I* x, const I* w) noexcept {
    const int16x8_t a = vreinterpretq_s16_s32(x[0]), b = vreinterpretq_s16_s32(w[0]);
    return vaddq_s32(sum, vpaddq_s32(vmull_s16(vget_low_s16(a), vget_low_s16(b)), vmull_high_s16(a, b)));
  }
  static void store(void* to, const I* n) noexcept {
    vst1q_s16(static_cast<std::int16_t*>(to), vcombine_s16(vqmovn_s32(n[0]), vqmovn_s32(n[1])));
  }
};

template <>
struct Int8<Neon64Dotprod> {
  using I = xsimd::batch<std::int32_t, Neon64Dotprod>;
  static constexpr int kGroup = 1, kVectors = 4, kOffset = 0;
  static constexpr std::int32_t kRow = 127, kWeight = 127;
  static I add(I sum, const I* x, const I* w) noexcept {
    return vdotq_s32(sum, vreinterpretq_s8_s32(x[0]), vreinterpretq_s8_s32(w[0]));
  }
  static void store(void* to, const I* n) noexcept {
    const int16x8_t low = vcombine_s16(vqmovn_s32(n[0]), vqmovn_s32(n[1]));
    const int16x8_t high = vcombine_s16(vqmovn_s32(n[2]), vqmovn_s32(n[3]));
    vst1q_s8(static_cast<std::int8_t*>(to), vcombine_s8(vqmovn_s16(low), vqmovn_s16(high)));
  }
};
#endif

/// How many rows and vectors of sums a tile keeps in registers, besides kGroup words of the weight for each vector; of
/// a single vector kTall rows.
template <class Arch>
struct IntegerTile {
  static constexpr int kRows = 4;
  static constexpr int kVectors = 2;
  static constexpr int kTall = 8;
};
#if defined(__AVX512BW__)
template <>
struct IntegerTile<xsimd::avx512bw> {
  static constexpr int kRows = 8;
  static constexpr int kVectors = 3;
  static constexpr int kTall = 12;
};
#endif
#if defined(__AVX512VNNI__)
template <>
struct IntegerTile<Avx512Vnni> : IntegerTile<xsimd::avx512bw> {};
#endif

#if defined(__ARM_FEATURE_DOTPROD)
template <>
struct IntegerTile<Neon64Dotprod> {
  static constexpr int kRows = 4;
#if defined(__clang__)
  static constexpr int kVectors = 4;
#else
  static constexpr int kVectors = 3;  // as in simd/tile.h
#endif
  static constexpr int kTall = 12;
};
#endif

}  // namespace dinghy::kernels::simd
