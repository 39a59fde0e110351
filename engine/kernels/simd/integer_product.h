// y = initial + scales * (sums + x * weight) with x and weight in integers: the register-tiled product of
// simd/product.h on words.
#pragma once

#include <cstring>
#include <xsimd/xsimd.hpp>

#include "engine/kernels/integer_kernels.h"
#include "engine/kernels/simd/integers.h"

namespace dinghy::kernels::simd {

/// Makes the compiler let go of the vector's last value: g++ 12 would keep the sums of this step and of the last in
/// registers, and spill half of them; 55 instead of 83 G multiply-adds a second on AVX2.
template <class Register>
[[gnu::always_inline]] inline void keep([[maybe_unused]] Register& vector) noexcept {
#if defined(__aarch64__) || defined(__arm__)
  asm("" : "+w"(vector));
#elif defined(__x86_64__) || defined(__i386__)
  asm("" : "+v"(vector));
#endif
}

/// The tile at (row, column). `Words` is Int16 or Int8.
template <class Arch, class Words, int kRows, int kVectors>
void integer_tile(const IntegerProduct& p, std::size_t row, std::size_t column) noexcept {
  using V = xsimd::batch<float, Arch>;
  using I = xsimd::batch<std::int32_t, Arch>;
  constexpr std::size_t kWidth = V::size;
  constexpr int kGroup = Words::kGroup;
  const std::int32_t* const x = p.x + row * p.ldx;
  const std::int32_t* const weight = p.weight + column;
  I sum[kRows][kVectors];
#pragma GCC unroll 16
  for (int v = 0; v < kVectors; ++v) {
    const I first = Words::kOffset == 0 ? I(0) : I(-Words::kOffset) * I::load_unaligned(p.sums + column + v * kWidth);
#pragma GCC unroll 16
    for (int r = 0; r < kRows; ++r) sum[r][v] = first;
  }
  for (std::size_t i = 0; i < p.ldx; i += kGroup) {
    I w[kVectors][kGroup];
#pragma GCC unroll 16
    for (int g = 0; g < kGroup; ++g) {
#pragma GCC unroll 16
      for (int v = 0; v < kVectors; ++v) w[v][g] = I::load_unaligned(weight + (i + g) * p.stride + v * kWidth);
    }
#pragma GCC unroll 16
    for (int r = 0; r < kRows; ++r) {
      I a[kGroup];
#pragma GCC unroll 16
      for (int g = 0; g < kGroup; ++g) a[g] = I(x[r * p.ldx + i + g]);
#pragma GCC unroll 16
      for (int v = 0; v < kVectors; ++v) {
        sum[r][v] = Words::add(sum[r][v], a, w[v]);
        keep(sum[r][v].data);
      }
    }
  }
#pragma GCC unroll 16
  for (int r = 0; r < kRows; ++r) {
    const bool indexed = p.initial.index != nullptr && row + r < p.rows;
    const float* const initial = p.initial.row + (indexed ? p.initial.index[row + r] * p.initial.stride : 0) + column;
    const V scale(p.x_scale[row + r]);
#pragma GCC unroll 16
    for (int v = 0; v < kVectors; ++v) {
      const V factor = scale * V::load_unaligned(p.scale + column + v * kWidth);
      xsimd::fma(xsimd::to_float(sum[r][v]), factor, V::load_unaligned(initial + v * kWidth))
          .store_unaligned(p.y + (row + r) * p.stride + column + v * kWidth);
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
