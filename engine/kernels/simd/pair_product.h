// The first layer of the local activation unit for one behaviour and many candidates: no candidate is folded.
#pragma once

#include <xsimd/xsimd.hpp>

#include "engine/kernels/kernel_table.h"
#include "engine/kernels/simd/initial.h"
#include "engine/kernels/simd/product.h"

namespace dinghy::kernels::simd {

/// A tile: beside its sums stand vectors of two weights, not of one.
template <class Arch>
inline constexpr int kPairRows = Tile<Arch>::kRows * 2 / 3;
template <class Arch>
inline constexpr int kPairVectors = Tile<Arch>::kVectors < 3 ? Tile<Arch>::kVectors : 3;

/// Each sum takes the steps, and so has the bits, of fold_query() and then product().
template <class Arch, int kRows, int kVectors>
void pair_tile(const PairProduct& p, std::size_t row, std::size_t column) noexcept {
  using V = xsimd::batch<float, Arch>;
  constexpr std::size_t kWidth = V::size;
  const float* const q = p.q + row * p.ldq;
  float* const y = p.y + row * p.ldy + column;
  V sum[kRows][kVectors];
#pragma GCC unroll 16
  for (int r = 0; r < kRows; ++r) {
    const float* const initial = initial_of<Arch>(p.initial, row + r) + column;
#pragma GCC unroll 16
    for (int v = 0; v < kVectors; ++v) sum[r][v] = V::load_unaligned(initial + v * kWidth);
  }
  for (std::size_t d = 0; d < p.in; ++d) {
    const V k(p.k[d]);
    V keys_weight[kVectors], product_weight[kVectors];
#pragma GCC unroll 16
    for (int v = 0; v < kVectors; ++v) {
      keys_weight[v] = V::load_unaligned(p.keys_weight + d * p.ldw + column + v * kWidth);
      product_weight[v] = V::load_unaligned(p.product_weight + d * p.ldw + column + v * kWidth);
    }
#pragma GCC unroll 16
    for (int r = 0; r < kRows; ++r) {
      const V a(q[r * p.ldq + d]);
#pragma GCC unroll 16
      for (int v = 0; v < kVectors; ++v) {
        sum[r][v] = xsimd::fma(k, xsimd::fma(a, product_weight[v], keys_weight[v]), sum[r][v]);
      }
    }
  }
#pragma GCC unroll 16
  for (int r = 0; r < kRows; ++r) {
#pragma GCC unroll 16
    for (int v = 0; v < kVectors; ++v) sum[r][v].store_unaligned(y + r * p.ldy + v * kWidth);
  }
}

/// All candidates in `vectors` <= kVectors vectors of columns.
template <class Arch, int kVectors>
void pair_panel(const PairProduct& p, std::size_t vectors, std::size_t column) noexcept {
  if (vectors == static_cast<std::size_t>(kVectors)) {
    constexpr int kRows = kPairRows<Arch>;
    std::size_t row = 0;
    for (; row + kRows <= p.rows; row += kRows) pair_tile<Arch, kRows, kVectors>(p, row, column);
    for (; row < p.rows; ++row) pair_tile<Arch, 1, kVectors>(p, row, column);  // few, and a tile for each size is 8 KB
  } else if constexpr (kVectors > 1) {
    pair_panel<Arch, kVectors - 1>(p, vectors, column);
  }
}

template <class Arch>
void pair_product(const PairProduct& p) noexcept {
  constexpr std::size_t kWidth = xsimd::batch<float, Arch>::size;
  constexpr std::size_t kVectors = kPairVectors<Arch>;
  const std::size_t vectors = (p.out + kWidth - 1) / kWidth;
  for (std::size_t v = 0; v < vectors; v += kVectors) {
    const std::size_t left = vectors - v;
    pair_panel<Arch, static_cast<int>(kVectors)>(p, left < kVectors ? left : kVectors, v * kWidth);
  }
}

}  // namespace dinghy::kernels::simd
