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
      n[v] = xsimd::nearbyint_as_int(value * V::load_unaligned(column + at) * factor);
      if constexpr (Words::kOffset != 0) n[v] = n[v] + I(Words::kOffset);
    }
    Words::store(words, n);
  }
}

/// The largest |x * factor| of a row.
template <class Arch>
[[gnu::always_inline]] inline float largest_of(const float* x, const float* factor, std::size_t width) noexcept {
  using V = xsimd::batch<float, Arch>;
  V most(0.f);
  for (std::size_t c = 0; c < width; c += V::size) {
    most = xsimd::max(most, xsimd::abs(V::load_unaligned(x + c) * V::load_unaligned(factor + c)));
  }
  return xsimd::reduce_max(most);
}

template <class Arch>
void quantize(const Quantization& q) noexcept {
  using V = xsimd::batch<float, Arch>;
  const float range = static_cast<float>(q.range);
  const std::size_t numbers = words_of(q.digits, q.width) * per_word(q.digits);
  // Two loops: within one, each row would wait for the division that its largest number goes through.
  for (std::size_t r = 0; r < q.rows; ++r) q.scale[r] = largest_of<Arch>(q.x + r * q.ldx, q.factor, q.width);
  for (std::size_t r = 0; r < q.rows; ++r) {
    const float largest = q.scale[r];
    const bool zero = !(largest >= kLeastLargest);
    q.scale[r] = zero ? 0.f : largest / range;
    const V factor(zero ? 0.f : range / largest);
    const float* const x = q.x + r * q.ldx;
    std::int32_t* const words = q.words + r * q.stride;
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
    for (std::size_t d = 0; d < rows; d += 2) {
#pragma GCC unroll 4
      for (std::size_t v = 0; v < kVectors; ++v) {
        most[v] = xsimd::max(most[v], xsimd::abs(at(d, v)));
        other[v] = xsimd::max(other[v], xsimd::abs(at(d + 1, v)));
      }
    }
#pragma GCC unroll 4
    for (std::size_t v = 0; v < kVectors; ++v) most[v] = xsimd::max(most[v], other[v]);
  }
};

/// The words of a panel's rows, and of int8 the sums of their columns' integers.
template <class Arch>
[[gnu::always_inline]] inline void put_words(const FoldPanel<Arch>& panel, const xsimd::batch<float, Arch>* factor,
                                             const IntegerFold& f, std::int32_t* weight,
                                             xsimd::batch<std::int32_t, Arch>* sum) noexcept {
  using I = xsimd::batch<std::int32_t, Arch>;
  constexpr std::size_t kVectors = FoldPanel<Arch>::kVectors;
  const auto number = [&](std::size_t d, std::size_t v) { return xsimd::nearbyint_as_int(panel.at(d, v) * factor[v]); };
  for (std::size_t i = 0; i < f.rows / per_word(f.digits); ++i, weight += f.stride) {
    for (std::size_t v = 0; v < kVectors; ++v) {
      if (f.digits == Digits::int16) {
        ((number(2 * i, v) & I(0xffff)) | (number(2 * i + 1, v) << 16)).store_unaligned(weight + v * I::size);
        continue;
      }
      const I a = number(4 * i, v), b = number(4 * i + 1, v), c = number(4 * i + 2, v), d = number(4 * i + 3, v);
      const I low = (a & I(0xff)) | ((b & I(0xff)) << 8);
      (low | ((c & I(0xff)) << 16) | (d << 24)).store_unaligned(weight + v * I::size);
      sum[v] += (a + b) + (c + d);
    }
  }
}

template <class Arch>
void integer_fold(const IntegerFold& f) noexcept {
  using V = xsimd::batch<float, Arch>;
  using I = xsimd::batch<std::int32_t, Arch>;
  constexpr std::size_t kVectors = FoldPanel<Arch>::kVectors;
  const V range(static_cast<float>(f.range));
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
    I sum[kVectors];
    for (std::size_t v = 0; v < kVectors; ++v) sum[v] = I(0);
    put_words<Arch>(panel, factor, f, f.weight + column, sum);
    for (std::size_t v = 0; v < kVectors; ++v) sum[v].store_unaligned(f.sums + column + v * V::size);
  }
  for (std::size_t i = f.rows / per_word(f.digits) * f.stride; i < f.words * f.stride; i += I::size) {
    I(0).store_unaligned(f.weight + i);
  }
}

}  // namespace dinghy::kernels::simd
