// The local activation unit of one candidate with its products in integers.
#pragma once

#include <xsimd/xsimd.hpp>

#include "engine/kernels/integer_kernels.h"
#include "engine/kernels/simd/activate.h"
#include "engine/kernels/simd/attention_unit.h"
#include "engine/kernels/simd/integer_product.h"
#include "engine/kernels/simd/quantize.h"
#include "engine/kernels/simd/vectors.h"

namespace dinghy::kernels::simd {

/// Bytes are a hundred times coarser than the coarse sigmoid.
template <class Arch>
void activate_hidden(Digits digits, const Layer& layer, float* y, std::size_t rows) noexcept {
  if (digits == Digits::int8) {
    activate<Arch, CoarseSigmoid<Arch>>(layer.activation, y, layer.stride, rows, layer.out);
  } else {
    activate<Arch>(layer.activation, y, layer.stride, rows, layer.out);
  }
}

template <class Arch>
void integer_unit(const IntegerUnit& u) noexcept {
  const std::size_t widest = widest_stride(u.hidden, u.hidden_count);
  for_each_block(u.rows, IntegerTile<Arch>::kRows, [&](std::size_t t, std::size_t rows) {
    float* from = u.scratch;
    float* to = u.scratch + kAttentionBlock * widest;
    Initial initial = u.initial;
    if (initial.index != nullptr) initial.index += t;
    const Layer& first = u.hidden[0];
    integer_product<Arch>({.digits = u.digits,
                           .x = u.keys + t * u.ldk,
                           .ldx = u.ldk,
                           .x_scale = u.key_scale + t,
                           .rows = rows,
                           .weight = u.fold,
                           .stride = first.stride,
                           .out = first.out,
                           .scale = u.fold_scale,
                           .sums = u.sums,
                           .initial = initial,
                           .y = from});
    activate_hidden<Arch>(u.digits, first, from, rows);
    for (std::size_t l = 1; l < u.hidden_count; ++l) {
      const Layer& layer = u.hidden[l];
      const IntegerLayer& integer = u.integer[l];
      alignas(64) float scale[2 * kAttentionBlock];
      const std::size_t words = words_of(u.digits, layer.in);
      const std::int32_t range = u.digits == Digits::int16 ? integer.range : Int8<Arch>::kRow;
      quantize<Arch>({.x = from,
                      .ldx = u.hidden[l - 1].stride,
                      .rows = rows,
                      .width = layer.in,
                      .factor = integer.factor,
                      .digits = u.digits,
                      .range = range,
                      .words = u.words,
                      .stride = words,
                      .scale = scale});
      integer_product<Arch>({.digits = u.digits,
                             .x = u.words,
                             .ldx = words,
                             .x_scale = scale,
                             .rows = rows,
                             .weight = integer.weight,
                             .stride = layer.stride,
                             .out = layer.out,
                             .scale = integer.scale,
                             .sums = integer.sums,
                             .initial = {layer.bias},
                             .y = to});
      activate_hidden<Arch>(u.digits, layer, to, rows);
      float* const swap = from;
      from = to;
      to = swap;
    }
    output<Arch>(*u.output, from, u.hidden[u.hidden_count - 1].stride, rows, u.logits + t);
  });
}

template <class Arch>
constexpr IntegerKernels make_integer_kernels() noexcept {
  return {.bytes = {Int8<Arch>::kRow, Int8<Arch>::kWeight},
          .int16_pays = Int16<Arch>::kPays,
          .quantize = &quantize<Arch>,
          .fold_query = &integer_fold<Arch>,
          .product = &integer_product<Arch>,
          .attention_unit = &integer_unit<Arch>};
}

}  // namespace dinghy::kernels::simd
