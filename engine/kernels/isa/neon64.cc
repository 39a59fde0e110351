// The kernels for neon64; cmake/isa.cmake has the flags of this file.
#if defined(__aarch64__)
#include "engine/kernels/isa/tables.h"
#include "engine/kernels/simd/table.h"

namespace dinghy::kernels {

using Arch = xsimd::neon64;
static_assert(Arch::supported(), "compile this file with the flags of its ISA");

const KernelTable& neon64_kernels() noexcept {
  static constexpr KernelTable kTable = simd::make_table<Arch>("neon64");
  return kTable;
}

}  // namespace dinghy::kernels
#endif
