// From floats to integers: rows of keys and activations, and the folded first layer of a candidate.
#pragma once

#include <xsimd/xsimd.hpp>

#include "engine/kernels/integer_kernels.h"
#include "engine/kernels/simd/integers.h"

namespace dinghy::kernels::simd {

template <class Arch>
void column_largest(const float* x, std::size_t ldx, std::size_t rows, std::size_t width, float* largest) noexcept {
  using V = xsimd::batch<float, Arch>;
  std::size_t c = 0;
  for (; c + V::size <= width; c += V::size) {
    V most(0.f);
    for (std::size_t r = 0; r < rows; ++r) most = xsimd::max(most, xsimd::abs(V::load_unaligned(x + r * ldx + c)));
    most.store_unaligned(largest + c);
  }
  for (; c < width; ++c) {
    float most = 0;
    for (std::size_t r = 0; r < rows; ++r) {
      const float value = x[r * ldx + c] < 0 ? -x[r * ldx + c] : x[r * ldx + c];
      most = value > most ? value : most;
    }
    largest[c] = most;
  }
}

template <class Arch>
void bound_fold(const float* keys_weight, const float* product_weight, const float* key, const float* query,
                std::size_t width, std::size_t stride, float* bound) noexcept {
  using V = xsimd::batch<float, Arch>;
  for (std::size_t h = 0; h < stride; h += V::size) {
    V most = V::load_unaligned(bound + h);
    for (std::size_t d = 0; d < width; ++d) {
      const V product = V(query[d]) * xsimd::abs(V::load_unaligned(product_weight + d * stride + h));
      const V sum = xsimd::abs(V::load_unaligned(keys_weight + d * stride + h)) + product;
      most = xsimd::max(most, V(key[d]) * sum);
    }
    most.store_unaligned(bound + h);
  }
}

template <class Arch>
void scale_weight(const float* weight, const float* row, const float* column, std::size_t width, std::size_t stride,
                  float* y) noexcept {
  using V = xsimd::batch<float, Arch>;
  for (std::size_t d = 0; d < width; ++d, weight += stride, y += stride) {
    const V factor(row[d]);
    for (std::size_t h = 0; h < stride; h += V::size) {
      (factor * V::load_unaligned(weight + h) * V::load_unaligned(column + h)).store_unaligned(y + h);
    }
  }
}

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

template <class Arch>
void integer_fold(const IntegerFold& f) noexcept {
  using V = xsimd::batch<float, Arch>;
  using I = xsimd::batch<std::int32_t, Arch>;
  const auto rounded = [&](std::size_t d, std::size_t h) {
    const std::size_t at = d * f.stride + h;
    return xsimd::nearbyint_as_int(
        xsimd::fma(V(f.q[d]), V::load_unaligned(f.product_weight + at), V::load_unaligned(f.keys_weight + at)));
  };
  if (f.digits == Digits::int16) {
    for (std::size_t i = 0; i < f.words; ++i) {
      for (std::size_t h = 0; h < f.stride; h += V::size) {
        const I word = (rounded(2 * i, h) & I(0xffff)) | (rounded(2 * i + 1, h) << 16);
        word.store_unaligned(f.weight + i * f.stride + h);
      }
    }
    return;
  }
  for (std::size_t h = 0; h < f.stride; ++h) f.sums[h] = 0;
  for (std::size_t i = 0; i < f.words; ++i) {
    for (std::size_t h = 0; h < f.stride; h += V::size) {
      const I a = rounded(4 * i, h), b = rounded(4 * i + 1, h), c = rounded(4 * i + 2, h), d = rounded(4 * i + 3, h);
      const I low = (a & I(0xff)) | ((b & I(0xff)) << 8);
      (low | ((c & I(0xff)) << 16) | (d << 24)).store_unaligned(f.weight + i * f.stride + h);
      (I::load_unaligned(f.sums + h) + ((a + b) + (c + d))).store_unaligned(f.sums + h);
    }
  }
}

}  // namespace dinghy::kernels::simd
