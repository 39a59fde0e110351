// The integer kernels by dot products of bytes; cmake/isa.cmake has the flags of this file. Floats are neon64's.
#if defined(__aarch64__)
#include "engine/kernels/isa/tables.h"
#include "engine/kernels/simd/integer_unit.h"

namespace dinghy::kernels {

const IntegerKernels& neon64_dotprod_integers() noexcept {
  static constexpr IntegerKernels kTable = simd::make_integer_kernels<simd::Neon64Dotprod>();
  return kTable;
}

}  // namespace dinghy::kernels
#endif
