#include "engine/scoring/attention.h"

#include <algorithm>

#include "engine/scoring/weights.h"

namespace dinghy::scoring {
namespace {

using network::History;
using network::Interest;

/// The weighted sums of the block, as one product of weights and keys, then the layers behind the pooling.
void pool(const kernels::KernelTable& kernels, const Interest& interest, Rows keys, std::size_t rows, std::size_t count,
          const PoolScratch& scratch, const ResultRows& results) noexcept {
  const LayerBuffers& pooled = scratch.pooled;
  kernels.product({.x = scratch.weights,
                   .ldx = scratch.weight_stride,
                   .rows = count,
                   .weight = keys.data,
                   .ldw = keys.stride,
                   .in = rows,
                   .out = interest.width,
                   .initial = {scratch.zeros},
                   .y = pooled.first,
                   .ldy = pooled.stride});
  const Rows result = run_layers(kernels, interest.post_layers.span(), {pooled.first, pooled.stride}, count, pooled);
  for (std::size_t n = 0; n < count; ++n) {
    std::copy_n(result.at(n), interest.result_width, results.at(n) + interest.result_offset);
  }
}

}  // namespace

bool undefined(const Interest& interest, const History& history) noexcept {
  return interest.empty == format::EmptyHistory::reject && is_empty(interest, history);
}

void pool_interest(const kernels::KernelTable& kernels, const Interest& interest, const History& history, Rows keys,
                   const InterestStore& store, Block block, const PoolScratch& scratch, const ResultRows& results,
                   float* attention) noexcept {
  const std::size_t pads = interest.positions > 0 ? pads_of(interest, history) : 0;
  for (std::size_t n = 0; n < block.count; ++n) {
    const std::size_t candidate = block.first + n;
    float* const weights = scratch.weights + n * scratch.weight_stride;
    std::copy_n(store.logits + candidate * store.logit_stride, history.length + pads, weights);
    if (pads == 0) weights[history.length] = store.pad_logits[candidate];
    weigh(kernels, interest, history, weights);
    if (attention != nullptr) std::copy_n(weights, history.length, attention + candidate * history.length);
  }
  // The padding row's weight is 0 where it takes no part; leaving it out also keeps what it holds out of the sum.
  const bool with_padding = is_empty(interest, history) || pads_of(interest, history) > 0;
  pool(kernels, interest, keys, history.length + (with_padding ? 1 : 0), block.count, scratch, results);
}

}  // namespace dinghy::scoring
