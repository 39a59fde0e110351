// The peak loop for neon64_dotprod; cmake/isa.cmake has the flags of this file.
#if defined(__aarch64__)
#include "engine/kernels/simd/neon64_dotprod.h"
#include "bench/kernels/peak/loops.h"
#include "bench/kernels/peak/peak_loop.h"

namespace dinghy::bench {

std::uint64_t neon64_dotprod_peak_loop(std::uint64_t rounds, float* result) noexcept {
  return run_peak_loop<kernels::simd::Neon64Dotprod>(rounds, result);
}

}  // namespace dinghy::bench
#endif
