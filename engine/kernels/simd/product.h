// y = initial + x * weight: the register-tiled matrix product under every layer.
#pragma once

#include <type_traits>
#include <xsimd/xsimd.hpp>

#include "engine/kernels/kernel_table.h"
#include "engine/kernels/simd/initial.h"
#include "engine/kernels/simd/tile.h"
#if defined(__AVX512F__)
#include "engine/kernels/simd/product_half.h"
#endif

namespace dinghy::kernels::simd {

/// A number of a single row serves up to 13 vectors, so that its broadcast costs little, and a quarter of the code.
template <class Arch, int kRows>
using MultiplyOf = std::conditional_t<kRows == 1, ByBroadcast<Arch>, Multiply<Arch>>;

/// The tile at (row, column). Of several rows without the last p.in % Multiply::kNumbers numbers of x, which
/// product_rest() adds; a tile of one row has them all, and only a product of one row has such a tile.
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
  MultiplyOf<Arch, kRows>::add(p, x, weight, sum);
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
/// additions alone would wait for each other (four cycles each, two at a time). Where tiles are wide, only a layer of
/// few outputs has a panel of one vector, and higher tiles would be 5 KB of code for it.
template <class Arch, int kVectors>
void product_panel(const Product& p, std::size_t column) noexcept {
  constexpr bool kTall = kVectors == 1 && Tile<Arch>::kVectors == 2;
  constexpr std::size_t kRows = kTall && Tile<Arch>::kRows < 12 ? 12 : Tile<Arch>::kRows;
  // As many tiles as needed, all of nearly one height: a last one of two rows would take as long as one of six.
  const std::size_t tiles = (p.rows + kRows - 1) / kRows;
  std::size_t row = 0;
  for (std::size_t tile = 0; tile < tiles; ++tile) {
    const std::size_t rows = (p.rows - row + tiles - tile - 1) / (tiles - tile);
    product_rows<Arch, static_cast<int>(kRows), kVectors>(p, rows, row, column);
    row += rows;
  }
}

/// The same of `vectors` <= kVectors vectors.
template <class Arch, int kVectors>
void product_panel_of(const Product& p, std::size_t vectors, std::size_t column) noexcept {
  if (vectors == static_cast<std::size_t>(kVectors)) {
    product_panel<Arch, kVectors>(p, column);
  } else if constexpr (kVectors > 1) {
    product_panel_of<Arch, kVectors - 1>(p, vectors, column);
  }
}

/// The numbers of x that are too few for a register, of all rows: the sums go on where product_tile() has left them.
template <class Arch>
void product_rest(const Product& p) noexcept {
  using V = xsimd::batch<float, Arch>;
  const std::size_t whole = p.in / Multiply<Arch>::kNumbers * Multiply<Arch>::kNumbers;
  if (whole == p.in) return;
  for (std::size_t r = 0; r < p.rows; ++r) {
    for (std::size_t column = 0; column < p.out; column += V::size) {
      float* const y = p.y + r * p.ldy + column;
      V sum = V::load_unaligned(y);
      for (std::size_t i = whole; i < p.in; ++i) {
        sum = xsimd::fma(V(p.x[r * p.ldx + i]), V::load_unaligned(p.weight + i * p.ldw + column), sum);
      }
      sum.store_unaligned(y);
    }
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
  // Panels of nearly one width: a last one of a single vector would have too few chains of additions.
  for (std::size_t panels = (vectors + kVectors - 1) / kVectors; panels > 0; --panels) {
    const std::size_t share = (vectors - v + panels - 1) / panels;
    product_panel_of<Arch, kVectors>(p, share, v * kWidth);
    v += share;
  }
  if (p.rows > 1) product_rest<Arch>(p);
}

}  // namespace dinghy::kernels::simd
