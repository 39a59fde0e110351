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
  return {.isa = isa,
          .rows = {.multiply = &multiply<Arch>,
                   .probability = &probability<Arch>,
                   .decode = &decode<Arch>,
                   .decode_add = &decode_add<Arch>},
          .product = &product<Arch>,
          .activate = &activate<Arch>,
          .output = &output<Arch>,
          .fold_query = &fold_query<Arch>,
          .pair_product = &pair_product<Arch>,
          .attention_unit = &attention_unit<Arch>,
          .add_row = &add_row<Arch>,
          .maximum = &maximum<Arch>,
          .exp_sum = &exp_sum<Arch>,
          .scale = &scale<Arch>};
}

}  // namespace dinghy::kernels::simd
