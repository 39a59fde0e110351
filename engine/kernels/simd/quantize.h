// From floats to integers: rows of keys and activations, and the folded first layer of a candidate.
#pragma once

#include <xsimd/xsimd.hpp>

#include "engine/kernels/integer_kernels.h"
#include "engine/kernels/simd/integers.h"

namespace dinghy::kernels::simd {

/// A row of integers: round(x * factor) + the offset of the ISA.
template <class Arch, class Words>
void store_integers(const float* x, xsimd::batch<float, Arch> factor, const float* column, std::size_t numbers,
                    std::int32_t* words) noexcept {
  using V = xsimd::batch<float, Arch>;
  using I = xsimd::batch<std::int32_t, Arch>;
  constexpr std::size_t kVectors = Words::kVectors;
  for (std::size_t c = 0; c < numbers; c += kVectors * V::size, words += V::size) {
    I n[kVectors];
#pragma GCC unroll 4
    for (std::size_t v = 0; v < kVectors; ++v) {
      // Rows are padded to 16 numbers, not to a vector of words: what would be read behind them is zero.
      const std::size_t at = c + v * V::size;
      if (v > 0 && at >= numbers) {
        n[v] = I(0);
        continue;
      }
      const V value = V::load_unaligned(x + at);
      n[v] = xsimd::nearbyint_as_int(value * V::load_unaligned(column + at) * factor) + I(Words::kOffset);
    }
    Words::store(words, n);
  }
}

template <class Arch>
void quantize(const Quantization& q) noexcept {
  using V = xsimd::batch<float, Arch>;
  for (std::size_t r = 0; r < q.rows; ++r) {
    const float* const x = q.x + r * q.ldx;
    V most(0.f);
    for (std::size_t c = 0; c < q.width; c += V::size) {
      most = xsimd::max(most, xsimd::abs(V::load_unaligned(x + c) * V::load_unaligned(q.factor + c)));
    }
    const float largest = xsimd::reduce_max(most);
    const bool zero = !(largest >= kLeastLargest);
    const float range = static_cast<float>(q.range);
    q.scale[r] = zero ? 0.f : largest / range;
    const V factor(zero ? 0.f : range / largest);
    std::int32_t* const words = q.words + r * q.stride;
    const std::size_t numbers = words_of(q.digits, q.width) * per_word(q.digits);
    if (q.digits == Digits::int16) {
      store_integers<Arch, Int16<Arch>>(x, factor, q.factor, numbers, words);
    } else {
      store_integers<Arch, Int8<Arch>>(x, factor, q.factor, numbers, words);
    }
  }
  for (std::size_t r = q.rows; r < q.rows + kAttentionBlock; ++r) q.scale[r] = 0;
}

/// A panel of a fold: the fold is computed twice, for its columns' largest numbers and for its integers, and the
/// first-level cache keeps a panel's weights meanwhile. Keeping the fold itself took longer, and so did weights row by
/// row: W2-fresh in bytes by 4 and 3 % (AVX2).
template <class Arch>
struct FoldPanel {
  using V = xsimd::batch<float, Arch>;
  static constexpr std::size_t kVectors = 16 / V::size;
  const float* keys_weight;
  const float* product_weight;
  const float* q;
  std::size_t rows;

  [[gnu::always_inline]] V at(std::size_t d, std::size_t v) const noexcept {
    const std::size_t i = d * 16 + v * V::size;
    return xsimd::fma(V(q[d]), V::load_aligned(product_weight + i), V::load_aligned(keys_weight + i));
  }

  /// Two chains for each vector: one would wait for a maximum before it begins the next.
  [[gnu::always_inline]] void largest(V* most) const noexcept {
    V other[kVectors];
#pragma GCC unroll 4
    for (std::size_t v = 0; v < kVectors; ++v) most[v] = other[v] = V(0.f);
    std::size_t d = 0;
    for (; d + 2 <= rows; d += 2) {
#pragma GCC unroll 4
      for (std::size_t v = 0; v < kVectors; ++v) {
        most[v] = xsimd::max(most[v], xsimd::abs(at(d, v)));
        other[v] = xsimd::max(other[v], xsimd::abs(at(d + 1, v)));
      }
    }
#pragma GCC unroll 4
    for (std::size_t v = 0; v < kVectors; ++v) {
      if (d < rows) most[v] = xsimd::max(most[v], xsimd::abs(at(d, v)));
      most[v] = xsimd::max(most[v], other[v]);
    }
  }
};

/// Integers of a panel in words; where they begin in IntegerFold.
template <class Arch>
struct FoldWords {
  using I = xsimd::batch<std::int32_t, Arch>;
  static constexpr std::size_t kVectors = FoldPanel<Arch>::kVectors;
  std::int32_t* weight;
  std::size_t stride;

  /// Word `i` of `number(row, vector)`.
  template <class Number>
  [[gnu::always_inline]] void put16(std::size_t i, Number number) const noexcept {
#pragma GCC unroll 4
    for (std::size_t v = 0; v < kVectors; ++v) {
      ((number(2 * i, v) & I(0xffff)) | (number(2 * i + 1, v) << 16)).store_unaligned(at(i, v));
    }
  }
  template <class Number>
  [[gnu::always_inline]] void put8(std::size_t i, Number number, I* sum) const noexcept {
#pragma GCC unroll 4
    for (std::size_t v = 0; v < kVectors; ++v) {
      const I a = number(4 * i, v), b = number(4 * i + 1, v), c = number(4 * i + 2, v), d = number(4 * i + 3, v);
      const I low = (a & I(0xff)) | ((b & I(0xff)) << 8);
      (low | ((c & I(0xff)) << 16) | (d << 24)).store_unaligned(at(i, v));
      sum[v] += (a + b) + (c + d);
    }
  }
  std::int32_t* at(std::size_t i, std::size_t v) const noexcept { return weight + i * stride + v * I::size; }
};

template <class Arch>
void integer_fold(const IntegerFold& f) noexcept {
  using V = xsimd::batch<float, Arch>;
  using I = xsimd::batch<std::int32_t, Arch>;
  constexpr std::size_t kVectors = FoldPanel<Arch>::kVectors;
  const V range(static_cast<float>(f.range));
  const std::size_t whole = f.rows / per_word(f.digits);
  for (std::size_t column = 0; column < f.stride; column += 16) {
    const FoldPanel<Arch> panel{f.keys_weight + column * f.rows, f.product_weight + column * f.rows, f.q, f.rows};
    V factor[kVectors];
    panel.largest(factor);
#pragma GCC unroll 4
    for (std::size_t v = 0; v < kVectors; ++v) {
      const V largest = factor[v];
      const auto counts = largest >= V(kLeastLargest);
      factor[v] = xsimd::select(counts, range / largest, V(0.f));
      xsimd::select(counts, largest / range, V(0.f)).store_unaligned(f.scale + column + v * V::size);
    }
    const auto rounded = [&](std::size_t d, std::size_t v) {
      return xsimd::nearbyint_as_int(panel.at(d, v) * factor[v]);
    };
    const auto or_zero = [&](std::size_t d, std::size_t v) { return d < f.rows ? rounded(d, v) : I(0); };
    const FoldWords<Arch> to{f.weight + column, f.stride};
    if (f.digits == Digits::int16) {
      for (std::size_t i = 0; i < whole; ++i) to.put16(i, rounded);
      for (std::size_t i = whole; i < f.words; ++i) to.put16(i, or_zero);
      continue;
    }
    I sum[kVectors];
#pragma GCC unroll 4
    for (std::size_t v = 0; v < kVectors; ++v) sum[v] = I(0);
    for (std::size_t i = 0; i < whole; ++i) to.put8(i, rounded, sum);
    for (std::size_t i = whole; i < f.words; ++i) to.put8(i, or_zero, sum);
#pragma GCC unroll 4
    for (std::size_t v = 0; v < kVectors; ++v) sum[v].store_unaligned(f.sums + column + v * V::size);
  }
}

}  // namespace dinghy::kernels::simd
