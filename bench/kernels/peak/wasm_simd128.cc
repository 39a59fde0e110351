// The peak loop for wasm_simd128; cmake/isa.cmake has the flags of this file.
#if defined(__wasm__)
#include "bench/kernels/peak/loops.h"
#include "bench/kernels/peak/peak_loop.h"

namespace dinghy::bench {

std::uint64_t wasm_simd128_peak_loop(std::uint64_t rounds, float* result) noexcept {
  return run_peak_loop<xsimd::wasm>(rounds, result);
}

}  // namespace dinghy::bench
#endif
