// The kernels for sse4_2; cmake/isa.cmake has the flags of this file.
#if defined(__x86_64__) || defined(__i386__)
#include "engine/kernels/isa/tables.h"
#include "engine/kernels/simd/integer_unit.h"
#include "engine/kernels/simd/table.h"

namespace dinghy::kernels {

using Arch = xsimd::sse4_2;
static_assert(Arch::supported(), "compile this file with the flags of its ISA");

const KernelTable& sse4_2_kernels() noexcept {
  static constexpr KernelTable kTable = simd::make_table<Arch>("sse4_2");
  return kTable;
}

const IntegerKernels& sse4_2_integers() noexcept {
  static constexpr IntegerKernels kTable = simd::make_integer_kernels<Arch>();
  return kTable;
}

}  // namespace dinghy::kernels
#endif
