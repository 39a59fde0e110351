// The integer kernels by VNNI's dot products; cmake/isa.cmake has the flags of this file. Floats are avx512's.
#if defined(__x86_64__) || defined(__i386__)
#include "engine/kernels/isa/tables.h"
#include "engine/kernels/simd/integer_unit.h"

namespace dinghy::kernels {

static_assert(simd::Avx512Vnni::supported(), "compile this file with the flags of its ISA");

const IntegerKernels& avx512_vnni_integers() noexcept {
  static constexpr IntegerKernels kTable = simd::make_integer_kernels<simd::Avx512Vnni>();
  return kTable;
}

}  // namespace dinghy::kernels
#endif
