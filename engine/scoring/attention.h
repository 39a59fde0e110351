// The interests of a block of candidates, from their logits.
#pragma once

#include "engine/network/network.h"
#include "engine/network/user.h"
#include "engine/scoring/block.h"
#include "engine/scoring/interest_store.h"
#include "engine/scoring/layers.h"

namespace dinghy::scoring {

struct PoolScratch {
  float* weights = nullptr;  // [block][weight_stride]; the padding row's behind the last behaviour's
  std::size_t weight_stride = 0;
  LayerBuffers pooled;           // [block]
  const float* zeros = nullptr;  // [pooled.stride]
};

/// True when the interest defines no score for this user: an empty history that training could not have seen.
bool undefined(const network::Interest& interest, const network::History& history) noexcept;

/// The interest's results for the block, from its logits in `store` and the history's `keys` (queries.h), to their
/// places in `results`; the weights of candidate n to attention[n][history.length] unless it is null.
void pool_interest(const kernels::KernelTable& kernels, const network::Interest& interest,
                   const network::History& history, Rows keys, const InterestStore& store, Block block,
                   const PoolScratch& scratch, const ResultRows& results, float* attention) noexcept;

}  // namespace dinghy::scoring
