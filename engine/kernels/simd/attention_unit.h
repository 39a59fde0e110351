// The local activation unit of one candidate, all layers for a block of behaviours at a time.
#pragma once

#include <xsimd/xsimd.hpp>

#include "engine/kernels/kernel_table.h"
#include "engine/kernels/simd/activate.h"
#include "engine/kernels/simd/product.h"
#include "engine/kernels/simd/vectors.h"

namespace dinghy::kernels::simd {

template <class Arch>
void fold_query(const float* keys_weight, const float* product_weight, const float* q, std::size_t width,
                std::size_t stride, float* fold) noexcept {
  using V = xsimd::batch<float, Arch>;
  for (std::size_t d = 0; d < width; ++d) {
    const V factor(q[d]);
    for (std::size_t h = d * stride; h < (d + 1) * stride; h += V::size) {
      xsimd::fma(factor, V::load_unaligned(product_weight + h), V::load_unaligned(keys_weight + h))
          .store_unaligned(fold + h);
    }
  }
}

template <class Arch>
void add_row(const float* x, std::size_t rows, std::size_t stride, const float* row, float* y) noexcept {
  using V = xsimd::batch<float, Arch>;
  for (std::size_t r = 0; r < rows; ++r, x += stride, y += stride) {
    for (std::size_t i = 0; i < stride; i += V::size) {
      (V::load_unaligned(x + i) + V::load_unaligned(row + i)).store_unaligned(y + i);
    }
  }
}

/// The widest of some layers, in padded outputs.
[[gnu::always_inline]] inline std::size_t widest_stride(const Layer* layers, std::size_t count) noexcept {
  std::size_t widest = 0;
  for (std::size_t l = 0; l < count; ++l) {
    if (layers[l].stride > widest) widest = layers[l].stride;
  }
  return widest;
}

/// f(first row, rows) for blocks of at most kAttentionBlock rows: whole tiles of nearly one height (product_panel),
/// shared out over as few blocks as hold them.
template <class F>
[[gnu::always_inline]] inline void for_each_block(std::size_t all_rows, std::size_t tile, F f) noexcept {
  const std::size_t most = kAttentionBlock / tile;  // tiles of a block
  std::size_t tiles = (all_rows + tile - 1) / tile;
  std::size_t rows = 0;
  for (std::size_t blocks = (tiles + most - 1) / most, t = 0; blocks > 0; --blocks, t += rows) {
    const std::size_t share = (tiles + blocks - 1) / blocks;
    rows = ((all_rows - t) * share + tiles - 1) / tiles;
    tiles -= share;
    f(t, rows);
  }
}

template <class Arch>
void attention_unit(const AttentionUnit& u) noexcept {
  const std::size_t widest = widest_stride(u.hidden, u.hidden_count);
  for_each_block(u.rows, Tile<Arch>::kRows, [&](std::size_t t, std::size_t rows) {
    const Layer& first = u.hidden[0];
    float* from = u.scratch;
    float* to = u.scratch + kAttentionBlock * widest;
    Initial initial = u.initial;
    if (initial.index != nullptr) initial.index += t;
    product<Arch>({u.keys + t * u.ldk, u.ldk, rows, u.fold, first.stride, u.width, first.out, initial, from,
                   first.stride, u.plus});
    activate<Arch>(first.activation, from, first.stride, rows, first.out);
    for (std::size_t l = 1; l < u.hidden_count; ++l) {
      const Layer& layer = u.hidden[l];
      product<Arch>({from,
                     u.hidden[l - 1].stride,
                     rows,
                     layer.weight,
                     layer.stride,
                     layer.in,
                     layer.out,
                     {layer.bias},
                     to,
                     layer.stride});
      activate<Arch>(layer.activation, to, layer.stride, rows, layer.out);
      float* const swap = from;
      from = to;
      to = swap;
    }
    output<Arch>(*u.output, from, u.hidden[u.hidden_count - 1].stride, rows, u.logits + t);
  });
}

}  // namespace dinghy::kernels::simd
