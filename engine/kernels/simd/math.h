// The transcendental functions of the kernels, without calls to libm.
#pragma once

#include <xsimd/xsimd.hpp>

namespace dinghy::kernels::simd {

/// sigmoid(x) - 1/2 = tanh(x / 2) / 2 as an odd rational function of degrees 9/8, fitted to |x| <= 18 (error 9e-9;
/// in float 2e-7 absolute, mostly rounding). Beyond, the function is constant in float. One division, no table.
/// min and max take their second operand when one is NaN: NaN comes out as NaN.
template <class Arch>
inline xsimd::batch<float, Arch> centred_sigmoid(xsimd::batch<float, Arch> x) noexcept {
  using V = xsimd::batch<float, Arch>;
  const V c = xsimd::min(V(18.f), xsimd::max(V(-18.f), x));
  const V y = c * c;
  V p = xsimd::fma(V(1.2874959738864739e-11f), y, V(7.996734664504305e-08f));
  p = xsimd::fma(p, y, V(5.4477663788289106e-05f));
  p = xsimd::fma(p, y, V(0.008358242588563762f));
  p = xsimd::fma(p, y, V(0.2499999765907593f));
  V q = xsimd::fma(V(3.008810677573528e-09f), y, V(5.111510359131649e-06f));
  q = xsimd::fma(q, y, V(0.001615120996304263f));
  q = xsimd::fma(q, y, V(0.11676621251553353f));
  q = xsimd::fma(q, y, V(1.f));
  return c * p / q;
}

template <class Arch>
inline xsimd::batch<float, Arch> sigmoid(xsimd::batch<float, Arch> x) noexcept {
  return centred_sigmoid<Arch>(x) + xsimd::batch<float, Arch>(0.5f);
}

/// tanh(x) = 2 (sigmoid(2x) - 1/2)
template <class Arch>
inline xsimd::batch<float, Arch> tanh(xsimd::batch<float, Arch> x) noexcept {
  const auto half = centred_sigmoid<Arch>(x + x);
  return half + half;
}

}  // namespace dinghy::kernels::simd
