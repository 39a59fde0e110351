#include "engine/scoring/tower.h"

#include <algorithm>

namespace dinghy::scoring {

void run_mlps(const kernels::KernelTable& kernels, std::span<const network::Mlp> mlps, const BlockRows& rows,
              const TowerScratch& scratch) noexcept {
  const std::size_t count = rows.block.count;
  for (const network::Mlp& mlp : mlps) {
    if (mlp.of_user) continue;
    for (std::size_t n = 0; n < count; ++n) {
      concatenate(mlp.parts.span(), rows.at(n), kernels.rows, scratch.input + n * scratch.input_stride);
    }
    const Rows y = run_layers(kernels, mlp.layers.span(), {scratch.input, scratch.input_stride}, count, scratch.hidden);
    for (std::size_t n = 0; n < count; ++n) {
      std::copy_n(y.at(n), mlp.result_width(), rows.results.at(n) + mlp.offset);
    }
  }
}

void run_tower(const kernels::KernelTable& kernels, const network::Tower& tower, const float* initial,
               const BlockRows& rows, const TowerScratch& scratch) noexcept {
  const std::size_t count = rows.block.count;
  for (std::size_t n = 0; n < count; ++n) {
    concatenate(tower.parts.span().subspan(tower.user_parts), rows.at(n), kernels.rows,
                scratch.input + n * scratch.input_stride);
  }
  const LayerBuffers& hidden = scratch.hidden;
  const network::Layer& first = tower.hidden[0];
  kernels.product({.x = scratch.input,
                   .ldx = scratch.input_stride,
                   .rows = count,
                   .weight = first.weight + tower.user_width * first.stride,
                   .ldw = first.stride,
                   .in = tower.width - tower.user_width,
                   .out = first.out,
                   .initial = {initial},
                   .y = hidden.first,
                   .ldy = hidden.stride});
  kernels.activate(first.activation, hidden.first, hidden.stride, count, first.out);
  const Rows x = run_layers(kernels, tower.hidden.span().subspan(1), {hidden.first, hidden.stride}, count, hidden);
  kernels.output(tower.output, x.data, x.stride, count, scratch.logits);
}

void apply_head(const kernels::RowKernels& kernels, const network::Head& head, const float* logits, const float* biases,
                float user_bias, std::span<float> scores) noexcept {
  for (std::size_t n = 0; n < scores.size(); ++n) {
    scores[n] = head.scale * (logits[n] + user_bias + biases[n]) + head.shift;
  }
  if (head.link == format::Link::sigmoid) kernels.probability(scores.data(), scores.size());
  for (std::size_t n = 0; head.offset != 0 && n < scores.size(); ++n) scores[n] += head.offset;
}

}  // namespace dinghy::scoring
