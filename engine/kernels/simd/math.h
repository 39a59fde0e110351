// The transcendental functions of the kernels, without calls to libm.
#pragma once

#include <cstdint>
#include <xsimd/xsimd.hpp>

namespace dinghy::kernels::simd {

/// The bits of floats as integers, and back. xsimd's bitwise_cast() of NEON takes a function's address from a table,
/// and g++ calls it.
template <class Arch>
[[gnu::always_inline]] inline xsimd::batch<std::int32_t, Arch> bits_of(xsimd::batch<float, Arch> x) noexcept {
  using I = xsimd::batch<std::int32_t, Arch>;
  return I(__builtin_bit_cast(typename I::register_type, x.data));
}
template <class Arch>
[[gnu::always_inline]] inline xsimd::batch<float, Arch> of_bits(xsimd::batch<std::int32_t, Arch> x) noexcept {
  using V = xsimd::batch<float, Arch>;
  return V(__builtin_bit_cast(typename V::register_type, x.data));
}

/// exp(-x) for |x| <= limit, beyond that as at the ends. 2^n 2^f with n the nearest integer to -x log2(e): adding 1.5 *
/// 2^23 rounds, and leaves n in the low bits, whence it goes to the exponent; 2^f for |f| <= 1/2 is what `power` gives.
/// min and max take their second operand when one is NaN: NaN comes out as NaN.
template <class Arch, class Power>
inline xsimd::batch<float, Arch> exp_of_minus(xsimd::batch<float, Arch> x, float limit, Power power) noexcept {
  using V = xsimd::batch<float, Arch>;
  const V magic(12582912.f), minus_log2e(-1.44269504f);
  x = xsimd::min(V(limit), xsimd::max(V(-limit), x));
  const V shifted = xsimd::fma(x, minus_log2e, magic);
  const V p = power(xsimd::fma(x, minus_log2e, magic - shifted));
  return of_bits<Arch>(bits_of<Arch>(p) + (bits_of<Arch>(shifted) << 23));
}

/// 1 / (1 + exp(-x)): within 2e-7 of exact, and to a few units in the last place where it is tiny. A polynomial of
/// degree 5 (relative error 7.5e-8) and one division, no table; a fifth faster than a rational function of the same
/// error, whose multiplications compete with the division.
template <class Arch>
struct Sigmoid {
  static xsimd::batch<float, Arch> of(xsimd::batch<float, Arch> x) noexcept {
    using V = xsimd::batch<float, Arch>;
    const V e = exp_of_minus<Arch>(x, 87.3f, [](V f) noexcept {
      V p = xsimd::fma(V(0.0013276472054349689f), f, V(0.00967554146446925f));
      p = xsimd::fma(p, f, V(0.0555071327443524f));
      p = xsimd::fma(p, f, V(0.240221197214479f));
      p = xsimd::fma(p, f, V(0.6931469670634806f));
      return xsimd::fma(p, f, V(1.000000071655163f));
    });
    return V(1.f) / (V(1.f) + e);
  }
};

/// The same within 4e-4: a polynomial of degree 3 (relative error 7.5e-5) and x86's estimate of the reciprocal (1.5 *
/// 2^-12), which needs no division; NEON's has 8 bits only, and WebAssembly has none.
template <class Arch>
struct CoarseSigmoid {
  static xsimd::batch<float, Arch> of(xsimd::batch<float, Arch> x) noexcept {
    using V = xsimd::batch<float, Arch>;
    const V sum = V(1.f) + exp_of_minus<Arch>(x, 40.f, [](V f) noexcept {
                    V p = xsimd::fma(V(0.0551716610789299f), f, V(0.2426111251115799f));
                    p = xsimd::fma(p, f, V(0.6932609677314758f));
                    return xsimd::fma(p, f, V(0.9999280571937561f));
                  });
#if defined(__x86_64__) || defined(__i386__)
    return xsimd::reciprocal(sum);
#else
    return V(1.f) / sum;
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
