// NEON with the dot products of bytes of Armv8.2 as an architecture of xsimd, which has none: it makes every kernel
// that is compiled for it another function than the one for neon64.
#pragma once

#include <xsimd/xsimd.hpp>

#if defined(__ARM_FEATURE_DOTPROD)

namespace dinghy::kernels::simd {

struct Neon64Dotprod : xsimd::neon64 {
  static constexpr char const* name() noexcept { return "neon64_dotprod"; }
};

}  // namespace dinghy::kernels::simd

namespace xsimd::types {

XSIMD_DECLARE_SIMD_REGISTER_ALIAS(dinghy::kernels::simd::Neon64Dotprod, neon64);

template <class T>
struct get_bool_simd_register<T, dinghy::kernels::simd::Neon64Dotprod>
    : detail::neon_bool_simd_register<T, dinghy::kernels::simd::Neon64Dotprod> {};

}  // namespace xsimd::types

#endif
