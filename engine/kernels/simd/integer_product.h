// y = initial + scales * (sums + x * weight) with x and weight in integers: the register-tiled product of
// simd/product.h on words.
#pragma once

#include <cstring>
#include <xsimd/xsimd.hpp>

#include "engine/kernels/integer_kernels.h"
#include "engine/kernels/simd/integers.h"
#include "engine/kernels/simd/tile.h"

namespace dinghy::kernels::simd {

/// sum += x * weight for the kWords words of each row of x from i on, as simd/tile.h has it for floats.
template <class Arch, class Words>
struct MultiplyWords {
  using I = xsimd::batch<std::int32_t, Arch>;
  static constexpr int kWords = Words::kGroup;
  template <int kRows, int kVectors>
  [[gnu::always_inline]] static void add(const std::int32_t* x, std::size_t ldx, const std::int32_t* weight,
                                         std::size_t stride, std::size_t i, I (&sum)[kRows][kVectors]) noexcept {
    I w[kVectors][kWords];
#pragma GCC unroll 16
    for (int g = 0; g < kWords; ++g) {
#pragma GCC unroll 16
      for (int v = 0; v < kVectors; ++v) w[v][g] = I::load_unaligned(weight + (i + g) * stride + v * I::size);
    }
#pragma GCC unroll 16
    for (int r = 0; r < kRows; ++r) {
      I a[kWords];
#pragma GCC unroll 16
      for (int g = 0; g < kWords; ++g) a[g] = I(x[r * ldx + i + g]);
#pragma GCC unroll 16
      for (int v = 0; v < kVectors; ++v) {
        sum[r][v] = Words::add(sum[r][v], a, w[v]);
        keep(sum[r][v].data);
      }
    }
  }
};

#if defined(__ARM_FEATURE_DOTPROD)
/// By lane.
template <>
struct MultiplyWords<Neon64Dotprod, Int8<Neon64Dotprod>> {
  using I = xsimd::batch<std::int32_t, Neon64Dotprod>;
  static constexpr int kWords = 4;
  template <int kRows, int kVectors>
  [[gnu::always_inline]] static void add(const std::int32_t* x, std::size_t ldx, const std::int32_t* weight,
                                         std::size_t stride, std::size_t i, I (&sum)[kRows][kVectors]) noexcept {
    I words[kRows];
#pragma GCC unroll 16
    for (int r = 0; r < kRows; ++r) words[r] = I::load_unaligned(x + r * ldx + i);
    add_lanes<0>(words, weight + i * stride, stride, sum);
  }

 private:
  template <int kLane, int kRows, int kVectors>
  [[gnu::always_inline]] static void add_lanes(const I (&words)[kRows], const std::int32_t* weight, std::size_t stride,
                                               I (&sum)[kRows][kVectors]) noexcept {
    int8x16_t w[kVectors];
#pragma GCC unroll 16
    for (int v = 0; v < kVectors; ++v) w[v] = vreinterpretq_s8_s32(I::load_unaligned(weight + v * I::size));
#pragma GCC unroll 16
    for (int r = 0; r < kRows; ++r) {
#pragma GCC unroll 16
      for (int v = 0; v < kVectors; ++v) {
        sum[r][v] = vdotq_laneq_s32(sum[r][v], w[v], vreinterpretq_s8_s32(words[r]), kLane);
        keep(sum[r][v].data);
      }
    }
    if constexpr (kLane < 3) add_lanes<kLane + 1>(words, weight + stride, stride, sum);
  }
};
#endif

/// The tile at (row, column). `Words` is Int16 or Int8.
template <class Arch, class Words, int kRows, int kVectors>
void integer_tile(const IntegerProduct& p, std::size_t row, std::size_t column) noexcept {
  using V = xsimd::batch<float, Arch>;
  using I = xsimd::batch<std::int32_t, Arch>;
  constexpr std::size_t kWidth = V::size;
  const std::int32_t* const x = p.x + row * p.ldx;
  const std::int32_t* const weight = p.weight + column;
  I sum[kRows][kVectors];
#pragma GCC unroll 16
  for (int v = 0; v < kVectors; ++v) {
    const I first = Words::kOffset == 0 ? I(0) : I(-Words::kOffset) * I::load_unaligned(p.sums + column + v * kWidth);
#pragma GCC unroll 16
    for (int r = 0; r < kRows; ++r) sum[r][v] = first;
  }
  using M = MultiplyWords<Arch, Words>;
  for (std::size_t i = 0; i < p.ldx; i += M::kWords) M::add(x, p.ldx, weight, p.stride, i, sum);
  V column_scale[kVectors];
#pragma GCC unroll 16
  for (int v = 0; v < kVectors; ++v) column_scale[v] = V::load_unaligned(p.scale + column + v * kWidth);
  // Copies: a store of a vector may be to anything, also to `p`.
  const Initial initial = p.initial;
  const std::size_t stride = p.stride, rows = p.rows - row;
  const float* const x_scale = p.x_scale + row;
  float* y = p.y + row * stride + column;
#pragma GCC unroll 16
  for (int r = 0; r < kRows; ++r, y += stride) {
    const bool indexed = initial.index != nullptr && static_cast<std::size_t>(r) < rows;
    const float* const first = initial.row + (indexed ? initial.index[row + r] * initial.stride : 0) + column;
    const V scale(x_scale[r]);
#pragma GCC unroll 16
    for (int v = 0; v < kVectors; ++v) {
      xsimd::fma(xsimd::to_float(sum[r][v]), scale * column_scale[v], V::load_unaligned(first + v * kWidth))
          .store_unaligned(y + v * kWidth);
    }
  }
}

/// All rows of `vectors` <= kVectors vectors of columns.
template <class Arch, class Words, int kVectors>
void integer_panel(const IntegerProduct& p, std::size_t vectors, std::size_t column) noexcept {
  if (vectors == static_cast<std::size_t>(kVectors)) {
    constexpr int kRows = kVectors == 1 ? IntegerTile<Arch>::kTall : IntegerTile<Arch>::kRows;
    for (std::size_t row = 0; row < p.rows; row += kRows) integer_tile<Arch, Words, kRows, kVectors>(p, row, column);
  } else if constexpr (kVectors > 1) {
    integer_panel<Arch, Words, kVectors - 1>(p, vectors, column);
  }
}

template <class Arch, class Words>
void product_of(const IntegerProduct& p) noexcept {
  constexpr std::size_t kWidth = xsimd::batch<float, Arch>::size;
  constexpr std::size_t kVectors = IntegerTile<Arch>::kVectors;
  const std::size_t vectors = (p.out + kWidth - 1) / kWidth;
  for (std::size_t v = 0; v < vectors; v += kVectors) {
    integer_panel<Arch, Words, static_cast<int>(kVectors)>(p, vectors - v < kVectors ? vectors - v : kVectors,
                                                           v * kWidth);
  }
}

template <class Arch>
void integer_product(const IntegerProduct& p) noexcept {
  if (p.digits == Digits::int16) {
    product_of<Arch, Int16<Arch>>(p);
  } else {
    product_of<Arch, Int8<Arch>>(p);
  }
}

}  // namespace dinghy::kernels::simd
