#include "engine/scoring/queries.h"

#include <algorithm>

#include "engine/scoring/block.h"

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

void make_queries(const kernels::KernelTable& kernels, const Interest& interest, const CandidateRows& candidates,
                  const LayerBuffers& buffers, const InterestStore& store) noexcept {
  if (!needs_query_rows(interest)) return;
  for (std::size_t first = 0; first < candidates.count; first += kCandidateBlock) {
    const std::size_t count = std::min(kCandidateBlock, candidates.count - first);
    for (std::size_t n = 0; n < count; ++n) {
      join_pieces(interest, candidates.at(first + n), buffers.first + n * buffers.stride, buffers.stride);
    }
    const Rows q = run_layers(kernels, interest.query_layers.span(), {buffers.first, buffers.stride}, count, buffers);
    for (std::size_t n = 0; n < count; ++n) {
      std::copy_n(q.at(n), interest.width, store.queries + (first + n) * interest.stride);
    }
  }
}

Rows queries(const Interest& interest, const CandidateRows& candidates, const InterestStore& store) noexcept {
  if (needs_query_rows(interest)) return {store.queries, interest.stride};
  return {candidates.rows + interest.query[0].offset, candidates.stride};
}

Rows keys_of(const UserState::Data& user, const Interest& interest, std::size_t index) noexcept {
  if (user.keys[index] != nullptr) return {user.keys[index], interest.stride};
  const std::size_t stride = user.network().sequences[interest.sequence].stride;
  return {user.histories[interest.sequence].rows + interest.keys[0].offset, stride};
}

}  // namespace dinghy::scoring
