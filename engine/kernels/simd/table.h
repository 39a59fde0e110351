// The table of one ISA, filled from the templates.
#pragma once

#include "engine/kernels/kernel_table.h"
#include "engine/kernels/simd/activate.h"
#include "engine/kernels/simd/attention_unit.h"
#include "engine/kernels/simd/decode.h"
#include "engine/kernels/simd/pair_product.h"
#include "engine/kernels/simd/product.h"
#include "engine/kernels/simd/vectors.h"

namespace dinghy::kernels::simd {

template <class Arch>
constexpr KernelTable make_table(const char* isa) noexcept {
  return {isa,
          &product<Arch>,
          &activate<Arch>,
          &output<Arch>,
          &fold_query<Arch>,
          &pair_product<Arch>,
          &attention_unit<Arch>,
          &add_row<Arch>,
          &maximum<Arch>,
          &exp_sum<Arch>,
          &scale<Arch>,
          &multiply<Arch>,
          &probability<Arch>,
          &decode<Arch>,
          &decode_add<Arch>};
}

}  // namespace dinghy::kernels::simd
