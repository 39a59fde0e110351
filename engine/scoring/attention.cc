#include "engine/scoring/attention.h"

#include <algorithm>

#include "engine/scoring/queries.h"
#include "engine/scoring/weights.h"

namespace dinghy::scoring {
namespace {

using network::History;
using network::Interest;

/// The weighted sums of the block, as one product of weights and keys, then the layers behind the pooling.
void pool(Scorer::Data& data, const Interest& interest, Rows keys, std::size_t rows, std::size_t count) noexcept {
  const kernels::KernelTable& kernels = *data.kernels.simd;
  kernels.product({data.weights,
                   data.weight_stride,
                   count,
                   keys.data,
                   keys.stride,
                   rows,
                   interest.width,
                   {data.zeros},
                   data.pooled,
                   data.pooled_stride});
  const Rows result = run_layers(kernels, interest.post_layers, {data.pooled, data.pooled_stride}, count, data.pooled,
                                 data.pooled_spare, data.pooled_stride);
  for (std::size_t n = 0; n < count; ++n) {
    std::copy_n(result.at(n), interest.result_width, data.results + n * data.result_stride + interest.result_offset);
  }
}

}  // namespace

float* attention_of(const Scorer::Data& data, const UserState::Data& user, std::size_t index,
                    std::span<float> attention) noexcept {
  if (attention.empty()) return nullptr;
  float* out = attention.data();
  for (std::size_t i = 0; i < index; ++i) {
    out += data.count * user.histories[data.network().interests[i].sequence].length;
  }
  return out;
}

bool undefined(const Interest& interest, const History& history) noexcept {
  return interest.empty == format::EmptyHistory::reject && is_empty(interest, history);
}

void pool_interests(Scorer::Data& data, const UserState::Data& user, const Block& block,
                    std::span<float> attention) noexcept {
  const network::Model& model = data.network();
  for (std::size_t i = 0; i < model.interests.size(); ++i) {
    const Interest& interest = model.interests[i];
    const History& history = user.histories[interest.sequence];
    const Scorer::Data::InterestStore& store = data.interests[i];
    float* const out = attention_of(data, user, i, attention);
    for (std::size_t n = 0; n < block.count; ++n) {
      const std::size_t candidate = block.first + n;
      float* const weights = data.weights + n * data.weight_stride;
      const std::size_t pads = interest.positions > 0 ? pads_of(interest, history) : 0;
      std::copy_n(store.logits + candidate * store.logit_stride, history.length + pads, weights);
      if (pads == 0) weights[history.length] = store.pad_logits[candidate];
      weigh(*data.kernels.simd, interest, history, weights);
      if (out != nullptr) std::copy_n(weights, history.length, out + candidate * history.length);
    }
    // The padding row's weight is 0 where it takes no part; leaving it out also keeps what it holds out of the sum.
    const bool with_padding = is_empty(interest, history) || pads_of(interest, history) > 0;
    pool(data, interest, keys_of(user, interest, i), history.length + (with_padding ? 1 : 0), block.count);
  }
}

}  // namespace dinghy::scoring
