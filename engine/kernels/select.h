// Which kernels run: chosen once, by name, when a user state or a scorer is created.
#pragma once

#include <string_view>

#include "dinghy/isa.h"
#include "dinghy/status.h"
#include "engine/kernels/integer_kernels.h"
#include "engine/kernels/isa/tables.h"
#include "engine/kernels/kernel_table.h"

namespace dinghy::kernels {

/// The choice: `simd` is null for `reference`, which is a path of its own (engine/reference), `integers` where integers
/// are no faster than floats.
struct Selection {
  const char* name = nullptr;
  const KernelTable* simd = nullptr;
  const IntegerKernels* integers = nullptr;

  const RowKernels& rows() const noexcept { return simd == nullptr ? reference_rows() : simd->rows; }
};

/// `isa` empty: the name in the environment's DINGHY_ISA, else the best that this machine can run. Never falls back
/// from a name that was asked for: unknown_isa, unavailable_isa.
Status select(std::string_view isa, Selection& selection) noexcept;

}  // namespace dinghy::kernels
