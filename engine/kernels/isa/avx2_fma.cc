// The kernels for avx2_fma; cmake/isa.cmake has the flags of this file.
#if defined(__x86_64__) || defined(__i386__)
#include "engine/kernels/isa/tables.h"
#include "engine/kernels/simd/integer_unit.h"
#include "engine/kernels/simd/table.h"

namespace dinghy::kernels {

using Arch = xsimd::fma3<xsimd::avx2>;
static_assert(Arch::supported(), "compile this file with the flags of its ISA");

const KernelTable& avx2_fma_kernels() noexcept {
  static constexpr KernelTable kTable = simd::make_table<Arch>("avx2_fma");
  return kTable;
}

const IntegerKernels& avx2_fma_integers() noexcept {
  static constexpr IntegerKernels kTable = simd::make_integer_kernels<Arch>();
  return kTable;
}

}  // namespace dinghy::kernels
#endif
