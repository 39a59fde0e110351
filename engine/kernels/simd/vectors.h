// Small operations on vectors: outputs of one number, softmax's exponentials, products, the final probability.
#pragma once

#include <xsimd/xsimd.hpp>

#include "engine/kernels/kernel_table.h"
#include "engine/kernels/simd/activate.h"

namespace dinghy::kernels::simd {

/// Loads n < V::size numbers, zeros behind them; stores likewise. The caller's arrays (logits, scores) are not padded.
template <class Arch>
struct Partial {
  using V = xsimd::batch<float, Arch>;
  static V load(const float* x, std::size_t n, float fill) noexcept {
    alignas(64) float buffer[V::size];
    for (std::size_t i = 0; i < V::size; ++i) buffer[i] = i < n ? x[i] : fill;
    return V::load_aligned(buffer);
  }
  static void store(V value, float* x, std::size_t n) noexcept {
    alignas(64) float buffer[V::size];
    value.store_aligned(buffer);
    for (std::size_t i = 0; i < n; ++i) x[i] = buffer[i];
  }
};

/// The first n numbers of a vector, zeros for the rest: those may be NaN.
template <class Arch>
inline xsimd::batch<float, Arch> first_numbers(xsimd::batch<float, Arch> x, std::size_t n) noexcept {
  using V = xsimd::batch<float, Arch>;
  alignas(64) static constexpr float kIndex[16] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  return xsimd::select(V::load_aligned(kIndex) < V(static_cast<float>(n)), x, V(0.f));
}

template <class Arch>
void output(const Output& o, const float* x, std::size_t ldx, std::size_t rows, float* y) noexcept {
  using V = xsimd::batch<float, Arch>;
  const std::size_t whole = o.in / V::size * V::size, rest = o.in - whole;
  for (std::size_t r = 0; r < rows; ++r, x += ldx) {
    V sum(0.f);
    for (std::size_t i = 0; i < whole; i += V::size) {
      sum = xsimd::fma(V::load_unaligned(x + i), V::load_unaligned(o.weight + i), sum);
    }
    if (rest > 0) {
      sum =
          xsimd::fma(first_numbers<Arch>(V::load_unaligned(x + whole), rest), V::load_unaligned(o.weight + whole), sum);
    }
    y[r] = xsimd::reduce_add(sum) + o.bias;
  }
  if (o.activation.kind == ActivationKind::identity) return;
  // The activation works on whole vectors of channels; here the one channel of every row goes through its first.
  alignas(64) float channel[V::size] = {};
  for (std::size_t r = 0; r < rows; ++r) {
    channel[0] = y[r];
    activate<Arch>(o.activation, channel, V::size, 1, 1);
    y[r] = channel[0];
  }
}

template <class Arch>
float maximum(const float* x, std::size_t n) noexcept {
  using V = xsimd::batch<float, Arch>;
  V largest(x[0]);
  std::size_t i = 0;
  for (; i + V::size <= n; i += V::size) largest = xsimd::max(largest, V::load_unaligned(x + i));
  if (i < n) largest = xsimd::max(largest, Partial<Arch>::load(x + i, n - i, x[0]));
  return xsimd::reduce_max(largest);
}

template <class Arch>
float exp_sum(float* x, std::size_t n, float shift) noexcept {
  using V = xsimd::batch<float, Arch>;
  const V s(shift);
  V sum(0.f);
  std::size_t i = 0;
  for (; i + V::size <= n; i += V::size) {
    const V e = xsimd::exp(V::load_unaligned(x + i) - s);
    e.store_unaligned(x + i);
    sum += e;
  }
  float total = xsimd::reduce_add(sum);
  if (i < n) {
    Partial<Arch>::store(xsimd::exp(Partial<Arch>::load(x + i, n - i, shift) - s), x + i, n - i);
    for (; i < n; ++i) total += x[i];
  }
  return total;
}

template <class Arch>
void scale(float* x, std::size_t n, float factor) noexcept {
  using V = xsimd::batch<float, Arch>;
  std::size_t i = 0;
  for (; i + V::size <= n; i += V::size) (V::load_unaligned(x + i) * V(factor)).store_unaligned(x + i);
  for (; i < n; ++i) x[i] *= factor;
}

template <class Arch>
void multiply(const float* a, const float* b, std::size_t n, float* y) noexcept {
  using V = xsimd::batch<float, Arch>;
  std::size_t i = 0;
  for (; i + V::size <= n; i += V::size) (V::load_unaligned(a + i) * V::load_unaligned(b + i)).store_unaligned(y + i);
  for (; i < n; ++i) y[i] = a[i] * b[i];
}

template <class Arch>
void probability(float* x, std::size_t n) noexcept {
  using V = xsimd::batch<float, Arch>;
  const auto of = [](V v) { return V(1.f) / (V(1.f) + xsimd::exp(-v)); };
  std::size_t i = 0;
  for (; i + V::size <= n; i += V::size) of(V::load_unaligned(x + i)).store_unaligned(x + i);
  if (i < n) Partial<Arch>::store(of(Partial<Arch>::load(x + i, n - i, 0.f)), x + i, n - i);
}

}  // namespace dinghy::kernels::simd
