// The instruction sets that this build has kernels for, by name.
#pragma once

#include <cstddef>
#include <span>

namespace dinghy {

/// One set of kernels. Names are the same everywhere: here, in `dinghy inspect`, in --isa and DINGHY_ISA, in tests and
/// benchmarks: reference, sse4_2, avx2_fma, avx2_vnni, avx512, avx512_vnni, neon64, neon64_dotprod, neon32,
/// wasm_simd128.
struct Isa {
  const char* name;
  bool available;  // this processor and operating system can run it
};

/// All ISAs of this build, the preferred one first, `reference` last. `reference` computes in scalar double precision
/// in the order of the paper: slow, always available, the yardstick of every test.
std::span<const Isa> isas() noexcept;

}  // namespace dinghy
