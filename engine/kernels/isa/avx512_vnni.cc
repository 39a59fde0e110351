// The kernels for avx512_vnni: those of avx512, with integers multiplied by VNNI; cmake/isa.cmake has the flags of this
// file.
#include "engine/kernels/isa/tables.h"
#include "engine/kernels/simd/integer_unit.h"

namespace dinghy::kernels {

static_assert(simd::Avx512Vnni::supported(), "compile this file with the flags of its ISA");

const KernelTable& avx512_vnni_kernels() noexcept {
  static constexpr IntegerKernels kIntegers = simd::make_integer_kernels<simd::Avx512Vnni>();
  static const KernelTable kTable = [] {
    KernelTable table = avx512_kernels();
    table.isa = "avx512_vnni";
    table.integers = &kIntegers;
    return table;
  }();
  return kTable;
}

}  // namespace dinghy::kernels
