// The peak loop for neon64; cmake/isa.cmake has the flags of this file.
#if defined(__aarch64__)
#include "bench/kernels/peak/loops.h"
#include "bench/kernels/peak/peak_loop.h"

namespace dinghy::bench {

std::uint64_t neon64_peak_loop(std::uint64_t rounds, float* result) noexcept {
  return run_peak_loop<xsimd::neon64>(rounds, result);
}

}  // namespace dinghy::bench
#endif
