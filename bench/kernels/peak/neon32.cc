// The peak loop for neon32; cmake/isa.cmake has the flags of this file.
#if defined(__arm__)
#include "bench/kernels/peak/loops.h"
#include "bench/kernels/peak/peak_loop.h"

namespace dinghy::bench {

std::uint64_t neon32_peak_loop(std::uint64_t rounds, float* result) noexcept {
  return run_peak_loop<xsimd::neon>(rounds, result);
}

}  // namespace dinghy::bench
#endif
