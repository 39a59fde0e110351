// The transcendental functions of the kernels, without calls to libm.
#pragma once

#include <cstdint>
#include <xsimd/xsimd.hpp>

namespace dinghy::kernels::simd {

/// exp(-x) for |x| <= 87.3, beyond that as at the ends. 2^n 2^f with n the nearest integer to -x log2(e): adding 1.5 *
/// 2^23 rounds, and leaves n in the low bits, whence it goes to the exponent; 2^f by a polynomial of degree 5 for |f|
/// <= 1/2 (relative error 7.5e-8). min and max take their second operand when one is NaN: NaN comes out as NaN.
template <class Arch>
inline xsimd::batch<float, Arch> exp_of_minus(xsimd::batch<float, Arch> x) noexcept {
  using V = xsimd::batch<float, Arch>;
  const V magic(12582912.f), minus_log2e(-1.44269504f);
  x = xsimd::min(V(87.3f), xsimd::max(V(-87.3f), x));
  const V shifted = xsimd::fma(x, minus_log2e, magic);
  const V f = xsimd::fma(x, minus_log2e, magic - shifted);
  V p = xsimd::fma(V(0.0013276472054349689f), f, V(0.00967554146446925f));
  p = xsimd::fma(p, f, V(0.0555071327443524f));
  p = xsimd::fma(p, f, V(0.240221197214479f));
  p = xsimd::fma(p, f, V(0.6931469670634806f));
  p = xsimd::fma(p, f, V(1.000000071655163f));
  const auto exponent = xsimd::bitwise_cast<std::int32_t>(shifted) << 23;
  return xsimd::bitwise_cast<float>(xsimd::bitwise_cast<std::int32_t>(p) + exponent);
}

/// 1 / (1 + exp(-x)): within 2e-7 of exact, and to a few units in the last place where it is tiny. One division, no
/// table; a fifth faster than a rational function of the same error, whose multiplications compete with the division.
template <class Arch>
inline xsimd::batch<float, Arch> sigmoid(xsimd::batch<float, Arch> x) noexcept {
  using V = xsimd::batch<float, Arch>;
  return V(1.f) / (V(1.f) + exp_of_minus<Arch>(x));
}

/// The two sigmoids as types, for activations.
template <class Arch>
struct Sigmoid {
  static xsimd::batch<float, Arch> of(xsimd::batch<float, Arch> x) noexcept { return sigmoid<Arch>(x); }
};

/// Within 4e-4 of exact: a polynomial of degree 3 for |f| <= 1/2 (relative error 7.5e-5), and x86's estimate of the
/// reciprocal (1.5 * 2^-12), which needs no division; NEON's has 8 bits only. NaN comes out as NaN.
template <class Arch>
struct CoarseSigmoid {
  static xsimd::batch<float, Arch> of(xsimd::batch<float, Arch> x) noexcept {
    using V = xsimd::batch<float, Arch>;
    const V magic(12582912.f), minus_log2e(-1.44269504f);
    x = xsimd::min(V(40.f), xsimd::max(V(-40.f), x));
    const V shifted = xsimd::fma(x, minus_log2e, magic);
    const V f = xsimd::fma(x, minus_log2e, magic - shifted);
    V p = xsimd::fma(V(0.0551716610789299f), f, V(0.2426111251115799f));
    p = xsimd::fma(p, f, V(0.6932609677314758f));
    p = xsimd::fma(p, f, V(0.9999280571937561f));
    const auto exponent = xsimd::bitwise_cast<std::int32_t>(shifted) << 23;
    const V sum = V(1.f) + xsimd::bitwise_cast<float>(xsimd::bitwise_cast<std::int32_t>(p) + exponent);
#if defined(__aarch64__)
    return V(1.f) / sum;
#else
    return xsimd::reciprocal(sum);
#endif
  }
};

/// tanh(x) = 2 sigmoid(2x) - 1
template <class Arch, class S>
inline xsimd::batch<float, Arch> tanh(xsimd::batch<float, Arch> x) noexcept {
  using V = xsimd::batch<float, Arch>;
  const V s = S::of(x + x);
  return s + s - V(1.f);
}

}  // namespace dinghy::kernels::simd
