// The integer kernels by VNNI's dot products on AVX2's registers; cmake/isa.cmake has the flags of this file. Floats
// are avx2_fma's.
#if defined(__x86_64__) || defined(__i386__)
#include "engine/kernels/isa/tables.h"
#include "engine/kernels/simd/integer_unit.h"

namespace dinghy::kernels {

const IntegerKernels& avx2_vnni_integers() noexcept {
  static constexpr IntegerKernels kTable = simd::make_integer_kernels<simd::Avx2Vnni>();
  return kTable;
}

}  // namespace dinghy::kernels
#endif
