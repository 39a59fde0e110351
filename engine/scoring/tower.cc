#include "engine/scoring/tower.h"

#include <utility>

#include "engine/kernels/reference/layers.h"
#include "engine/scoring/parts.h"

namespace dinghy::scoring {
namespace {

void probability(const kernels::Selection& kernels, float* x, std::size_t n) noexcept {
  if (kernels.simd != nullptr) return kernels.simd->probability(x, n);
  for (std::size_t i = 0; i < n; ++i) x[i] = static_cast<float>(kernels::reference::sigmoid(static_cast<double>(x[i])));
}

}  // namespace

void run_tower(Scorer::Data& data, const UserState::Data& user, const Block& block) noexcept {
  const kernels::KernelTable& kernels = *data.kernels.simd;
  const network::Tower& tower = data.network().tower;
  for (std::size_t n = 0; n < block.count; ++n) {
    const OperandRows rows{user.row, data.candidates + (block.first + n) * data.candidate_stride,
                           data.results + n * data.result_stride};
    concatenate(tower.parts.span().subspan(tower.user_parts), rows, &kernels, data.tower_input + n * data.tower_stride);
  }
  const network::Layer& first = tower.hidden[0];
  float* x = data.hidden;
  float* y = data.hidden_spare;
  // The user's part of the first layer is done (UserState): its result stands in for the bias.
  kernels.product({data.tower_input,
                   data.tower_stride,
                   block.count,
                   first.weight + tower.user_width * first.stride,
                   first.stride,
                   tower.width - tower.user_width,
                   first.out,
                   {user.tower_initial},
                   x,
                   data.hidden_stride});
  kernels.activate(first.activation, x, data.hidden_stride, block.count, first.out);
  for (std::size_t l = 1; l < tower.hidden.size(); ++l) {
    const network::Layer& layer = tower.hidden[l];
    kernels.product({x,
                     data.hidden_stride,
                     block.count,
                     layer.weight,
                     layer.stride,
                     layer.in,
                     layer.out,
                     {layer.bias},
                     y,
                     data.hidden_stride});
    kernels.activate(layer.activation, y, data.hidden_stride, block.count, layer.out);
    std::swap(x, y);
  }
  kernels.output(tower.output, x, data.hidden_stride, block.count, data.logits);
}

void apply_head(Scorer::Data& data, const UserState::Data& user, const Block& block, float* scores) noexcept {
  const network::Head& head = data.network().head;
  const float* const biases = data.biases + block.first;
  for (std::size_t n = 0; n < block.count; ++n) {
    scores[n] = head.scale * (data.logits[n] + user.head_bias + biases[n]) + head.shift;
  }
  if (head.link == format::Link::sigmoid) probability(data.kernels, scores, block.count);
  for (std::size_t n = 0; head.offset != 0 && n < block.count; ++n) scores[n] += head.offset;
}

}  // namespace dinghy::scoring
