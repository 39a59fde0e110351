// The loops of this build's ISAs; which are built is decided in cmake/isa.cmake.
#pragma once

#include "bench/kernels/peak.h"

namespace dinghy::bench {

std::uint64_t sse4_2_peak_loop(std::uint64_t rounds, float* result) noexcept;
std::uint64_t avx2_fma_peak_loop(std::uint64_t rounds, float* result) noexcept;
std::uint64_t avx2_vnni_peak_loop(std::uint64_t rounds, float* result) noexcept;
std::uint64_t avx512_peak_loop(std::uint64_t rounds, float* result) noexcept;
std::uint64_t avx512_vnni_peak_loop(std::uint64_t rounds, float* result) noexcept;
std::uint64_t neon64_peak_loop(std::uint64_t rounds, float* result) noexcept;
std::uint64_t neon64_dotprod_peak_loop(std::uint64_t rounds, float* result) noexcept;
std::uint64_t neon32_peak_loop(std::uint64_t rounds, float* result) noexcept;
std::uint64_t wasm_simd128_peak_loop(std::uint64_t rounds, float* result) noexcept;

inline constexpr PeakLoop kPeakLoops[] = {
#ifdef DINGHY_HAS_SSE4_2
    {"sse4_2", &sse4_2_peak_loop},
#endif
#ifdef DINGHY_HAS_AVX2_FMA
    {"avx2_fma", &avx2_fma_peak_loop},
#endif
#ifdef DINGHY_HAS_AVX2_VNNI
    {"avx2_vnni", &avx2_vnni_peak_loop},
#endif
#ifdef DINGHY_HAS_AVX512
    {"avx512", &avx512_peak_loop},
#endif
#ifdef DINGHY_HAS_AVX512_VNNI
    {"avx512_vnni", &avx512_vnni_peak_loop},
#endif
#ifdef DINGHY_HAS_NEON64
    {"neon64", &neon64_peak_loop},
#endif
#ifdef DINGHY_HAS_NEON64_DOTPROD
    {"neon64_dotprod", &neon64_dotprod_peak_loop},
#endif
#ifdef DINGHY_HAS_NEON32
    {"neon32", &neon32_peak_loop},
#endif
#ifdef DINGHY_HAS_WASM_SIMD128
    {"wasm_simd128", &wasm_simd128_peak_loop},
#endif
    {"", nullptr},  // a processor without any ISA still needs an array
};

}  // namespace dinghy::bench
