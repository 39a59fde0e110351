// The kernels for neon64_dotprod: those of neon64, with integers multiplied by dot products of bytes; cmake/isa.cmake
// has the flags of this file.
#include "engine/kernels/isa/tables.h"
#include "engine/kernels/simd/integer_unit.h"

namespace dinghy::kernels {

const KernelTable& neon64_dotprod_kernels() noexcept {
  static constexpr IntegerKernels kIntegers = simd::make_integer_kernels<simd::Neon64Dotprod>();
  static const KernelTable kTable = [] {
    KernelTable table = neon64_kernels();
    table.isa = "neon64_dotprod";
    table.integers = &kIntegers;
    return table;
  }();
  return kTable;
}

}  // namespace dinghy::kernels
