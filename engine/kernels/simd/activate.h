// Activations, in place on a block of rows.
#pragma once

#include <type_traits>
#include <xsimd/xsimd.hpp>

#include "engine/kernels/kernel_table.h"
#include "engine/kernels/simd/math.h"

namespace dinghy::kernels::simd {

/// Rows of which a vector each is computed at a time: a sigmoid is one chain of operations, and a small core that looks
/// not far ahead would wait for each (Cortex-A55: 73 cycles for one vector, 26 to 28 each for four).
template <class Arch>
inline constexpr std::size_t kRowsAtOnce = std::is_base_of_v<xsimd::neon64, Arch> ? 4 : 1;

// g++ would call a sigmoid for each vector of AVX-512; clang's flatten leaves calls in what it inlines.
#if defined(__clang__)
#define DINGHY_FLATTEN
#else
#define DINGHY_FLATTEN [[gnu::flatten]]
#endif

/// y = f(y, column) on whole vectors; the columns behind the last are padding that nobody reads.
template <class Arch, class F>
DINGHY_FLATTEN inline void for_each_vector(float* y, std::size_t ldy, std::size_t rows, std::size_t columns,
                                           F f) noexcept {
  using V = xsimd::batch<float, Arch>;
  constexpr std::size_t kRows = kRowsAtOnce<Arch>;
  if constexpr (kRows > 1) {
    for (; rows >= kRows; rows -= kRows, y += kRows * ldy) {
      for (std::size_t c = 0; c < columns; c += V::size) {
        V x[kRows];
#pragma GCC unroll 4
        for (std::size_t r = 0; r < kRows; ++r) x[r] = f(V::load_unaligned(y + r * ldy + c), c);
#pragma GCC unroll 4
        for (std::size_t r = 0; r < kRows; ++r) x[r].store_unaligned(y + r * ldy + c);
      }
    }
  }
  for (std::size_t r = 0; r < rows; ++r, y += ldy) {
    for (std::size_t c = 0; c < columns; c += V::size) f(V::load_unaligned(y + c), c).store_unaligned(y + c);
  }
}
#undef DINGHY_FLATTEN

/// x * (p + alpha (1 - p)) = x * (alpha + (1 - alpha) p): Dice (paper section 5.3), SiLU with alpha = 0.
template <class Arch>
inline xsimd::batch<float, Arch> gated(xsimd::batch<float, Arch> x, xsimd::batch<float, Arch> p,
                                       xsimd::batch<float, Arch> alpha) noexcept {
  using V = xsimd::batch<float, Arch>;
  return x * xsimd::fma(V(1.f) - alpha, p, alpha);
}

/// The gate of torch-rechub: p from the row's own mean and *sum* of squares (checkpoints call it Dice too).
template <class Arch, class S>
void row_gate(const Activation& a, float* y, std::size_t ldy, std::size_t rows, std::size_t columns) noexcept {
  using V = xsimd::batch<float, Arch>;
  for (std::size_t r = 0; r < rows; ++r, y += ldy) {
    float sum = 0;
    for (std::size_t c = 0; c < columns; ++c) sum += y[c];
    const float mean = sum / static_cast<float>(columns);
    float squares = 0;
    for (std::size_t c = 0; c < columns; ++c) squares += (y[c] - mean) * (y[c] - mean);
    const V factor = V(1.f) / xsimd::sqrt(V(squares + a.epsilon));
    for (std::size_t c = 0; c < columns; c += V::size) {
      const V x = V::load_unaligned(y + c);
      gated<Arch>(x, S::of((x - V(mean)) * factor), V::load_unaligned(a.alpha + c)).store_unaligned(y + c);
    }
  }
}

/// `S` is one of the sigmoids of math.h.
template <class Arch, class S = Sigmoid<Arch>>
void activate(const Activation& a, float* y, std::size_t ldy, std::size_t rows, std::size_t columns) noexcept {
  using V = xsimd::batch<float, Arch>;
  const auto each = [&](auto f) { for_each_vector<Arch>(y, ldy, rows, columns, f); };
  switch (a.kind) {
    case ActivationKind::identity:
      return;
    case ActivationKind::relu:
      return each([](V x, std::size_t) { return xsimd::max(V(0.f), x); });
    case ActivationKind::leaky_relu:
      return each([s = V(a.slope)](V x, std::size_t) { return xsimd::select(x > V(0.f), x, s * x); });
    case ActivationKind::prelu:
      return each([&](V x, std::size_t c) { return xsimd::select(x > V(0.f), x, V::load_unaligned(a.alpha + c) * x); });
    case ActivationKind::sigmoid:
      return each([](V x, std::size_t) { return S::of(x); });
    case ActivationKind::tanh:
      return each([](V x, std::size_t) { return tanh<Arch, S>(x); });
    case ActivationKind::gate:
      return each([&](V x, std::size_t c) {
        const V norm = xsimd::fma(V::load_unaligned(a.scale + c), x, V::load_unaligned(a.shift + c));
        return gated<Arch>(x, S::of(norm), V::load_unaligned(a.alpha + c));
      });
    case ActivationKind::row_gate:
      return row_gate<Arch, S>(a, y, ldy, rows, columns);
  }
}

}  // namespace dinghy::kernels::simd
