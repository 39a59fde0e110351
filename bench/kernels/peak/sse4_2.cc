// The peak loop for sse4_2; cmake/isa.cmake has the flags of this file.
#if defined(__x86_64__) || defined(__i386__)
#include "bench/kernels/peak/loops.h"
#include "bench/kernels/peak/peak_loop.h"

namespace dinghy::bench {

std::uint64_t sse4_2_peak_loop(std::uint64_t rounds, float* result) noexcept {
  return run_peak_loop<xsimd::sse4_2>(rounds, result);
}

}  // namespace dinghy::bench
#endif
