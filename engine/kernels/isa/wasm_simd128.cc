// The kernels for wasm_simd128; cmake/isa.cmake has the flags of this file.
#if defined(__wasm__)
// xsimd has this architecture for Emscripten alone, whose instructions are those of every compiler for WebAssembly.
// What the standard library makes of the macro must not change: its headers come before.
#if !defined(__EMSCRIPTEN__)
#include <algorithm>
#include <array>
#include <climits>
#include <cmath>
#include <complex>
#include <memory>
#include <numeric>
#include <ostream>
#include <stdexcept>
#include <tuple>
#define __EMSCRIPTEN__ 1
#endif

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
