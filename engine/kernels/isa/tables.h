// One function per ISA; which of them are built is decided in cmake/isa.cmake.
#pragma once

#include "engine/kernels/kernel_table.h"

namespace dinghy::kernels {

const KernelTable& sse4_2_kernels() noexcept;
const KernelTable& avx2_fma_kernels() noexcept;
const KernelTable& avx512_kernels() noexcept;
const KernelTable& avx512_vnni_kernels() noexcept;
const KernelTable& neon64_kernels() noexcept;
const KernelTable& neon64_dotprod_kernels() noexcept;

}  // namespace dinghy::kernels
