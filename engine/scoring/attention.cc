#include "engine/scoring/attention.h"

#include <algorithm>
#include <utility>

#include "engine/scoring/weights.h"

namespace dinghy::scoring {
namespace {

using network::History;
using network::Interest;

/// Rows of vectors.
struct Rows {
  const float* data;
  std::size_t stride;
};

/// x through `layers`, for all candidates of the block; the result is in one of the two buffers, or x itself.
Rows run_layers(const kernels::KernelTable& kernels, const Array<network::Layer>& layers, Rows x, std::size_t rows,
                float* buffer, float* spare, std::size_t stride) noexcept {
  for (const network::Layer& layer : layers) {
    float* const y = x.data == buffer ? spare : buffer;
    kernels.product({x.data, x.stride, rows, layer.weight, layer.stride, layer.in, layer.out, layer.bias, y, stride});
    kernels.activate(layer.activation, y, stride, rows, layer.out);
    x = {y, stride};
  }
  return x;
}

/// The queries of the block, as wide as the keys: a view of the candidate rows where that is possible, else a copy.
Rows queries(Scorer::Data& data, const Interest& interest, std::size_t count) noexcept {
  Rows q{data.candidates + interest.query[0].offset, data.candidate_stride};
  // `dot` loads whole vectors of q: they must end in zeros.
  const bool narrower = interest.query_layers.empty() && interest.query_width < interest.width;
  if (!interest.query_contiguous() || narrower || interest.score == format::Score::dot) {
    for (std::size_t n = 0; n < count; ++n) {
      float* out = data.query + n * data.query_stride;
      std::fill_n(out, data.query_stride, 0.f);
      for (const network::Piece& piece : interest.query) {
        out = std::copy_n(data.candidates + n * data.candidate_stride + piece.offset, piece.width, out);
      }
    }
    q = {data.query, data.query_stride};
  }
  return run_layers(*data.kernels.simd, interest.query_layers, q, count, data.query, data.query_spare,
                    data.query_stride);
}

/// Logits of one candidate over the keys, the padding row's behind them.
void unit_logits(Scorer::Data& data, const Interest& interest, Rows keys, std::size_t rows, const float* q,
                 const float* initial, float* logits) noexcept {
  const kernels::KernelTable& kernels = *data.kernels.simd;
  if (interest.score == format::Score::dot) {
    const network::Output dot{q, 0, static_cast<std::uint32_t>(interest.width), {}};
    kernels.output(dot, keys.data, keys.stride, rows, logits);
    return;
  }
  const network::Layer& first = interest.hidden[0];
  kernels.fold_query(interest.keys_weight, interest.product_weight, q, interest.width, first.stride, data.fold);
  kernels.attention_unit({keys.data, keys.stride, rows, data.fold, initial, interest.width, interest.hidden.begin(),
                          interest.hidden.size(), &interest.output, data.unit_scratch, logits});
}

void logits_of_block(Scorer::Data& data, const Interest& interest, Rows keys, std::size_t rows,
                     std::size_t count) noexcept {
  const Rows q = queries(data, interest, count);
  if (interest.score == format::Score::mlp) {
    const network::Layer& first = interest.hidden[0];
    data.kernels.simd->product({q.data, q.stride, count, interest.query_weight, first.stride, interest.width, first.out,
                                first.bias, data.initial, data.initial_stride});
  }
  for (std::size_t n = 0; n < count; ++n) {
    unit_logits(data, interest, keys, rows, q.data + n * q.stride, data.initial + n * data.initial_stride,
                data.weights + n * data.weight_stride);
  }
}

Rows keys_of(const UserState::Data& user, const Interest& interest, std::size_t index) noexcept {
  if (user.keys[index] != nullptr) return {user.keys[index], interest.stride};
  const std::size_t stride = user.network().sequences[interest.sequence].stride;
  return {user.histories[interest.sequence].rows + interest.keys[0].offset, stride};
}

/// The weighted sums of the block, as one product of weights and keys, then the layers behind the pooling.
void pool(Scorer::Data& data, const Interest& interest, Rows keys, std::size_t rows, std::size_t count) noexcept {
  const kernels::KernelTable& kernels = *data.kernels.simd;
  kernels.product({data.weights, data.weight_stride, count, keys.data, keys.stride, rows, interest.width, data.zeros,
                   data.pooled, data.pooled_stride});
  const Rows result = run_layers(kernels, interest.post_layers, {data.pooled, data.pooled_stride}, count, data.pooled,
                                 data.pooled_spare, data.pooled_stride);
  for (std::size_t n = 0; n < count; ++n) {
    std::copy_n(result.data + n * result.stride, interest.result_width,
                data.results + n * data.result_stride + interest.result_offset);
  }
}

}  // namespace

float* attention_of(const network::Model& model, const network::User& user, std::size_t index, std::size_t candidates,
                    std::span<float> attention) noexcept {
  if (attention.empty()) return nullptr;
  float* out = attention.data();
  for (std::size_t i = 0; i < index; ++i) out += candidates * user.histories[model.interests[i].sequence].length;
  return out;
}

bool undefined(const Interest& interest, const History& history) noexcept {
  return interest.empty == format::EmptyHistory::reject && is_empty(interest, history);
}

void attend(Scorer::Data& data, const UserState::Data& user, const Block& block, std::span<float> attention) noexcept {
  const network::Model& model = data.network();
  for (std::size_t i = 0; i < model.interests.size(); ++i) {
    const Interest& interest = model.interests[i];
    const History& history = user.histories[interest.sequence];
    const Rows keys = keys_of(user, interest, i);
    const bool empty = is_empty(interest, history);
    const std::size_t pad_row = empty || pads_of(interest, history) > 0 ? 1 : 0;
    if (!empty) logits_of_block(data, interest, keys, history.length + pad_row, block.count);
    float* const out = attention_of(model, user.user(), i, block.total, attention);
    for (std::size_t n = 0; n < block.count; ++n) {
      float* const weights = data.weights + n * data.weight_stride;
      weigh(*data.kernels.simd, interest, history, weights);
      if (out != nullptr) std::copy_n(weights, history.length, out + (block.first + n) * history.length);
    }
    pool(data, interest, keys, history.length + pad_row, block.count);
  }
}

}  // namespace dinghy::scoring
