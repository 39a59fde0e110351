#include "engine/scoring/queries.h"

#include <algorithm>

namespace dinghy::scoring {
namespace {

using network::Interest;

/// The pieces of q of one candidate side by side; zeros behind them.
void join_pieces(const Interest& interest, const float* candidate, float* out, std::size_t stride) noexcept {
  float* const end = out + stride;
  for (const network::Piece& piece : interest.query) out = std::copy_n(candidate + piece.offset, piece.width, out);
  std::fill(out, end, 0.f);
}

}  // namespace

bool needs_query_rows(const Interest& interest) noexcept {
  return !interest.query_contiguous() || !interest.query_layers.empty() || interest.query_width < interest.width;
}

void make_queries(Scorer::Data& data, const Interest& interest, Scorer::Data::InterestStore& store) noexcept {
  if (!needs_query_rows(interest)) return;
  for (std::size_t first = 0; first < data.count; first += kCandidateBlock) {
    const std::size_t count = std::min(kCandidateBlock, data.count - first);
    for (std::size_t n = 0; n < count; ++n) {
      join_pieces(interest, data.candidates + (first + n) * data.candidate_stride,
                  data.query_block + n * data.query_stride, data.query_stride);
    }
    const Rows q = run_layers(*data.kernels.simd, interest.query_layers, {data.query_block, data.query_stride}, count,
                              data.query_block, data.query_block_spare, data.query_stride);
    for (std::size_t n = 0; n < count; ++n) {
      std::copy_n(q.at(n), interest.width, store.queries + (first + n) * interest.stride);
    }
  }
}

Rows queries(const Scorer::Data& data, const Interest& interest, const Scorer::Data::InterestStore& store) noexcept {
  if (needs_query_rows(interest)) return {store.queries, interest.stride};
  return {data.candidates + interest.query[0].offset, data.candidate_stride};
}

Rows keys_of(const UserState::Data& user, const Interest& interest, std::size_t index) noexcept {
  if (user.keys[index] != nullptr) return {user.keys[index], interest.stride};
  const std::size_t stride = user.network().sequences[interest.sequence].stride;
  return {user.histories[interest.sequence].rows + interest.keys[0].offset, stride};
}

Rows run_layers(const kernels::KernelTable& kernels, const Array<network::Layer>& layers, Rows x, std::size_t rows,
                float* buffer, float* spare, std::size_t stride) noexcept {
  for (const network::Layer& layer : layers) {
    float* const y = x.data == buffer ? spare : buffer;
    kernels.product({x.data, x.stride, rows, layer.weight, layer.stride, layer.in, layer.out, {layer.bias}, y, stride});
    kernels.activate(layer.activation, y, stride, rows, layer.out);
    x = {y, stride};
  }
  return x;
}

}  // namespace dinghy::scoring
