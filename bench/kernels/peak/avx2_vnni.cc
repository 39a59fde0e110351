// The peak loop for avx2_vnni; cmake/isa.cmake has the flags of this file.
#if defined(__x86_64__) || defined(__i386__)
#include "engine/kernels/simd/avx2_vnni.h"
#include "bench/kernels/peak/loops.h"
#include "bench/kernels/peak/peak_loop.h"

namespace dinghy::bench {

std::uint64_t avx2_vnni_peak_loop(std::uint64_t rounds, float* result) noexcept {
  return run_peak_loop<kernels::simd::Avx2Vnni>(rounds, result);
}

}  // namespace dinghy::bench
#endif
