// The kernels of each ISA; which of them are built is decided in cmake/isa.cmake, which are used in select.cc.
#pragma once

#include "engine/kernels/integer_kernels.h"
#include "engine/kernels/kernel_table.h"

namespace dinghy::kernels {

const RowKernels& reference_rows() noexcept;

const KernelTable& sse4_2_kernels() noexcept;
const KernelTable& avx2_fma_kernels() noexcept;
const KernelTable& avx512_kernels() noexcept;
const KernelTable& neon64_kernels() noexcept;
const KernelTable& neon32_kernels() noexcept;
const KernelTable& wasm_simd128_kernels() noexcept;

const IntegerKernels& sse4_2_integers() noexcept;
const IntegerKernels& avx2_fma_integers() noexcept;
const IntegerKernels& avx2_vnni_integers() noexcept;
const IntegerKernels& avx512_integers() noexcept;
const IntegerKernels& avx512_vnni_integers() noexcept;
const IntegerKernels& neon64_dotprod_integers() noexcept;

}  // namespace dinghy::kernels
