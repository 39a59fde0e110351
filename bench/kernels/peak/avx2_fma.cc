// The peak loop for avx2_fma; cmake/isa.cmake has the flags of this file.
#if defined(__x86_64__) || defined(__i386__)
#include "bench/kernels/peak/loops.h"
#include "bench/kernels/peak/peak_loop.h"

namespace dinghy::bench {

std::uint64_t avx2_fma_peak_loop(std::uint64_t rounds, float* result) noexcept {
  return run_peak_loop<xsimd::fma3<xsimd::avx2>>(rounds, result);
}

}  // namespace dinghy::bench
#endif
