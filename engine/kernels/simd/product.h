// y = initial + x * weight: the register-tiled matrix product under every layer.
#pragma once

#include <xsimd/xsimd.hpp>

#include "engine/kernels/kernel_table.h"
#include "engine/kernels/simd/initial.h"
#if defined(__AVX512F__)
#include "engine/kernels/simd/product_half.h"
#endif

namespace dinghy::kernels::simd {

/// How many rows and vectors of y one tile keeps in registers: the accumulators, one row of the weight and one
/// broadcast of x have to fit. Sixteen registers hold 6 x 2 + 2 + 1; thirty-two hold 12 x 2 or, of narrow ones, 6 x 4.
template <class Arch>
struct Tile {
  static constexpr int kRows = 6;
  static constexpr int kVectors = 2;
};
#if defined(__AVX512F__)
template <>
struct Tile<xsimd::avx512bw> {
  static constexpr int kRows = 12;
  static constexpr int kVectors = 2;
};
#endif
#if defined(__aarch64__)
template <>
struct Tile<xsimd::neon64> {
  static constexpr int kRows = 6;
  static constexpr int kVectors = 4;
};
#endif

/// The tile at (row, column).
template <class Arch, int kRows, int kVectors>
void product_tile(const Product& p, std::size_t row, std::size_t column) noexcept {
  using V = xsimd::batch<float, Arch>;
  constexpr std::size_t kWidth = V::size;
  const float* const x = p.x + row * p.ldx;
  const float* const weight = p.weight + column;
  float* const y = p.y + row * p.ldy + column;
  V sum[kRows][kVectors];
#pragma GCC unroll 16
  for (int r = 0; r < kRows; ++r) {
    const float* const initial = initial_of<Arch>(p.initial, row + r) + column;
#pragma GCC unroll 16
    for (int v = 0; v < kVectors; ++v) sum[r][v] = V::load_unaligned(initial + v * kWidth);
  }
  if constexpr (kVectors <= Tile<Arch>::kVectors) {  // the wider ones of product_row() would be 5 KB of code
    if (p.plus != nullptr) {
#pragma GCC unroll 16
      for (int r = 0; r < kRows; ++r) {
#pragma GCC unroll 16
        for (int v = 0; v < kVectors; ++v) sum[r][v] += V::load_unaligned(p.plus + column + v * kWidth);
      }
    }
  }
  for (std::size_t i = 0; i < p.in; ++i) {
    V w[kVectors];
#pragma GCC unroll 16
    for (int v = 0; v < kVectors; ++v) w[v] = V::load_unaligned(weight + i * p.ldw + v * kWidth);
#pragma GCC unroll 16
    for (int r = 0; r < kRows; ++r) {
      const V a(x[r * p.ldx + i]);
#pragma GCC unroll 16
      for (int v = 0; v < kVectors; ++v) sum[r][v] = xsimd::fma(a, w[v], sum[r][v]);
    }
  }
#pragma GCC unroll 16
  for (int r = 0; r < kRows; ++r) {
#pragma GCC unroll 16
    for (int v = 0; v < kVectors; ++v) sum[r][v].store_unaligned(y + r * p.ldy + v * kWidth);
  }
}

/// A tile of `rows` <= kRows rows.
template <class Arch, int kRows, int kVectors>
void product_rows(const Product& p, std::size_t rows, std::size_t row, std::size_t column) noexcept {
  if (rows == static_cast<std::size_t>(kRows)) {
    product_tile<Arch, kRows, kVectors>(p, row, column);
  } else if constexpr (kRows > 1) {
    product_rows<Arch, kRows - 1, kVectors>(p, rows, row, column);
  }
}

/// All rows of the kVectors vectors of columns from `column`. A tile of a single vector is twice as high: six chains of
/// additions alone would wait for each other (four cycles each, two at a time).
template <class Arch, int kVectors>
void product_panel(const Product& p, std::size_t column) noexcept {
  constexpr std::size_t kRows = kVectors == 1 && Tile<Arch>::kRows < 12 ? 12 : Tile<Arch>::kRows;
  // As many tiles as needed, all of nearly one height: a last one of two rows would take as long as one of six.
  const std::size_t tiles = (p.rows + kRows - 1) / kRows;
  std::size_t row = 0;
  for (std::size_t tile = 0; tile < tiles; ++tile) {
    const std::size_t rows = (p.rows - row + tiles - tile - 1) / (tiles - tile);
    product_rows<Arch, static_cast<int>(kRows), kVectors>(p, rows, row, column);
    row += rows;
  }
}
template <class Arch, int kVectors>
void product_last_panel(const Product& p, std::size_t vectors, std::size_t column) noexcept {
  if (vectors == static_cast<std::size_t>(kVectors)) {
    product_panel<Arch, kVectors>(p, column);
  } else if constexpr (kVectors > 1) {
    product_last_panel<Arch, kVectors - 1>(p, vectors, column);
  }
}

/// `vectors` <= kVectors vectors of columns of a single row.
template <class Arch, int kVectors>
void product_row_tile(const Product& p, std::size_t vectors, std::size_t column) noexcept {
  if (vectors == static_cast<std::size_t>(kVectors)) {
    product_tile<Arch, 1, kVectors>(p, 0, column);
  } else if constexpr (kVectors > 1) {
    product_row_tile<Arch, kVectors - 1>(p, vectors, column);
  }
}

/// A single row, in as few tiles as fit the registers, all of nearly one width: each is a chain of additions as long as
/// the row of x, and takes as long with one vector of columns as with eight.
template <class Arch>
void product_row(const Product& p, std::size_t vectors) noexcept {
  constexpr std::size_t kMost = 13;
  const std::size_t tiles = (vectors + kMost - 1) / kMost;
  std::size_t v = 0;
  for (std::size_t tile = 0; tile < tiles; ++tile) {
    const std::size_t share = (vectors - v + tiles - tile - 1) / (tiles - tile);
    product_row_tile<Arch, static_cast<int>(kMost)>(p, share, v * xsimd::batch<float, Arch>::size);
    v += share;
  }
}

template <class Arch>
void product(const Product& p) noexcept {
  constexpr std::size_t kWidth = xsimd::batch<float, Arch>::size;
  constexpr int kVectors = Tile<Arch>::kVectors;
  const std::size_t vectors = (p.out + kWidth - 1) / kWidth;
  if (p.rows == 1 && p.plus == nullptr) return product_row<Arch>(p, vectors);
  std::size_t v = 0;
#if defined(__AVX512F__)
  if (const std::size_t last = p.out % kWidth; last > 0 && last <= kWidth / 2) {
    for (; v + 3 < vectors; v += kVectors) product_panel<Arch, kVectors>(p, v * kWidth);
    return product_half_panel<Arch>(p, vectors - v, v * kWidth);
  }
#endif
  for (; v + kVectors <= vectors; v += kVectors) product_panel<Arch, kVectors>(p, v * kWidth);
  product_last_panel<Arch, kVectors>(p, vectors - v, v * kWidth);
}

}  // namespace dinghy::kernels::simd
