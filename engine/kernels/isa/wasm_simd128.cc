// The kernels for wasm_simd128; cmake/isa.cmake has the flags of this file.
#if defined(__wasm__)
#include "engine/kernels/isa/tables.h"
#include "engine/kernels/simd/table.h"

namespace dinghy::kernels {

using Arch = xsimd::wasm;
static_assert(Arch::supported(), "compile this file with the flags of its ISA");

const KernelTable& wasm_simd128_kernels() noexcept {
  static constexpr KernelTable kTable = simd::make_table<Arch>("wasm_simd128");
  return kTable;
}

}  // namespace dinghy::kernels
#endif
