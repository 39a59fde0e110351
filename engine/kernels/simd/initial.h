// Where the sums of a product begin.
#pragma once

#include "engine/kernels/kernel_table.h"

namespace dinghy::kernels::simd {

/// Those of a row.
template <class Arch>
[[gnu::always_inline]] inline const float* initial_of(const Initial& initial, std::size_t row) noexcept {
  return initial.row + (initial.index == nullptr ? 0 : initial.index[row] * initial.stride);
}

}  // namespace dinghy::kernels::simd
