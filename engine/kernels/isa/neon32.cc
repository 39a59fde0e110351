// The kernels for neon32; cmake/isa.cmake has the flags of this file.
#if defined(__arm__)
#include "engine/kernels/isa/tables.h"
#include "engine/kernels/simd/table.h"

namespace dinghy::kernels {

using Arch = xsimd::neon;
static_assert(Arch::supported(), "compile this file with the flags of its ISA");

const KernelTable& neon32_kernels() noexcept {
  static constexpr KernelTable kTable = simd::make_table<Arch>("neon32");
  return kTable;
}

}  // namespace dinghy::kernels
#endif
