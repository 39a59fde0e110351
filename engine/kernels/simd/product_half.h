// The last columns of a matrix product on AVX-512 where they fill half a vector at most: 40 columns are two vectors
// and a half. Two rows share a vector of sums then, eight columns of one beside eight of the other.
#pragma once

#include <immintrin.h>

#include "engine/kernels/kernel_table.h"
#include "engine/kernels/simd/initial.h"

namespace dinghy::kernels::simd {

/// Rows [row, row + kRows) of `kFull` whole vectors from `column` and of the half one behind them. The columns of y
/// behind the half are set to zero.
template <class Arch, int kFull, int kRows>
void product_half_tile(const Product& p, std::size_t row, std::size_t column) noexcept {
  constexpr int kPairs = (kRows + 1) / 2;
  constexpr __mmask16 kUpper = 0xff00;
  const std::size_t half = column + kFull * 16;
  const float* const x = p.x + row * p.ldx;
  const float* const weight = p.weight + column;
  const auto initial = [&](int r) { return initial_of<Arch>(p.initial, row + r); };
  __m512 sum[kRows][kFull > 0 ? kFull : 1], halves[kPairs];
#pragma GCC unroll 16
  for (int r = 0; r < kRows; ++r) {
#pragma GCC unroll 16
    for (int v = 0; v < kFull; ++v) sum[r][v] = _mm512_loadu_ps(initial(r) + column + v * 16);
  }
#pragma GCC unroll 16
  for (int r = 0; r < kPairs; ++r) {
    const int upper = 2 * r + 1 < kRows ? 2 * r + 1 : 2 * r;  // an odd last row stands in both halves
    halves[r] = _mm512_insertf32x8(_mm512_castps256_ps512(_mm256_loadu_ps(initial(2 * r) + half)),
                                   _mm256_loadu_ps(initial(upper) + half), 1);
  }
  if (p.plus != nullptr) {
    const __m512 both = _mm512_broadcast_f32x8(_mm256_loadu_ps(p.plus + half));
#pragma GCC unroll 16
    for (int r = 0; r < kRows; ++r) {
#pragma GCC unroll 16
      for (int v = 0; v < kFull; ++v) {
        sum[r][v] = _mm512_add_ps(sum[r][v], _mm512_loadu_ps(p.plus + column + v * 16));
      }
    }
#pragma GCC unroll 16
    for (int r = 0; r < kPairs; ++r) halves[r] = _mm512_add_ps(halves[r], both);
  }
  for (std::size_t i = 0; i < p.in; ++i) {
    const float* const w = weight + i * p.ldw;
    __m512 full[kFull > 0 ? kFull : 1];
#pragma GCC unroll 16
    for (int v = 0; v < kFull; ++v) full[v] = _mm512_loadu_ps(w + v * 16);
    const __m512 both = _mm512_broadcast_f32x8(_mm256_loadu_ps(w + kFull * 16));
#pragma GCC unroll 16
    for (int r = 0; r < kPairs; ++r) {
      const __m512 a = _mm512_set1_ps(x[2 * r * p.ldx + i]);
      const __m512 b = 2 * r + 1 < kRows ? _mm512_set1_ps(x[(2 * r + 1) * p.ldx + i]) : a;
#pragma GCC unroll 16
      for (int v = 0; v < kFull; ++v) {
        sum[2 * r][v] = _mm512_fmadd_ps(a, full[v], sum[2 * r][v]);
        if (2 * r + 1 < kRows) sum[2 * r + 1][v] = _mm512_fmadd_ps(b, full[v], sum[2 * r + 1][v]);
      }
      halves[r] = _mm512_fmadd_ps(_mm512_mask_blend_ps(kUpper, a, b), both, halves[r]);
    }
  }
#pragma GCC unroll 16
  for (int r = 0; r < kRows; ++r) {
    float* const y = p.y + (row + r) * p.ldy;
#pragma GCC unroll 16
    for (int v = 0; v < kFull; ++v) _mm512_storeu_ps(y + column + v * 16, sum[r][v]);
    const __m256 own = r % 2 == 0 ? _mm512_castps512_ps256(halves[r / 2]) : _mm512_extractf32x8_ps(halves[r / 2], 1);
    _mm512_storeu_ps(y + half, _mm512_zextps256_ps512(own));
  }
}

/// A tile of `rows` <= kRows rows.
template <class Arch, int kFull, int kRows>
void product_half_rows(const Product& p, std::size_t rows, std::size_t row, std::size_t column) noexcept {
  if (rows == static_cast<std::size_t>(kRows)) {
    product_half_tile<Arch, kFull, kRows>(p, row, column);
  } else if constexpr (kRows > 1) {
    product_half_rows<Arch, kFull, kRows - 1>(p, rows, row, column);
  }
}

/// All rows of the columns from `column`: 10 x 2.5 vectors of sums, 2.5 of the weight and 3 of x fill the registers.
template <class Arch, int kFull>
void product_half_panel(const Product& p, std::size_t column) noexcept {
  constexpr std::size_t kRows = 10;
  // An even number of rows in each tile but the last, so that no half is wasted.
  const std::size_t tiles = (p.rows + kRows - 1) / kRows;
  std::size_t row = 0;
  for (std::size_t tile = 0; tile < tiles; ++tile) {
    const std::size_t left = p.rows - row, share = (left + tiles - tile - 1) / (tiles - tile);
    const std::size_t rows = tile + 1 == tiles ? left : (share + 1) / 2 * 2;
    product_half_rows<Arch, kFull, static_cast<int>(kRows)>(p, rows, row, column);
    row += rows;
  }
}

/// The panel of the last three, two or one vectors, the last of them no more than half full.
template <class Arch>
void product_half_panel(const Product& p, std::size_t vectors, std::size_t column) noexcept {
  if (vectors == 3) return product_half_panel<Arch, 2>(p, column);
  if (vectors == 2) return product_half_panel<Arch, 1>(p, column);
  product_half_panel<Arch, 0>(p, column);
}

}  // namespace dinghy::kernels::simd
