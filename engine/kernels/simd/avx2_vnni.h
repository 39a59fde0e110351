// AVX2 and FMA with the dot products of AVX-VNNI as an architecture of xsimd, whose own has no FMA: it makes every
// kernel that is compiled for it another function than the one for avx2_fma.
#pragma once

#include <xsimd/xsimd.hpp>

#if defined(__AVXVNNI__)

namespace dinghy::kernels::simd {

struct Avx2Vnni : xsimd::fma3<xsimd::avx2> {
  static constexpr char const* name() noexcept { return "avx2_vnni"; }
};

}  // namespace dinghy::kernels::simd

namespace xsimd::types {

XSIMD_DECLARE_SIMD_REGISTER_ALIAS(dinghy::kernels::simd::Avx2Vnni, fma3<avx2>);

}  // namespace xsimd::types

#endif
