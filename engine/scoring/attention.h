// The interests of a block of candidates, from their logits.
#pragma once

#include <cstddef>
#include <span>

#include "engine/scoring/scorer_data.h"
#include "engine/scoring/user_data.h"

namespace dinghy::scoring {

/// Candidates [first, first + count) of those in the scorer.
struct Block {
  std::size_t first;
  std::size_t count;
};

/// Where the weights of interest `index` begin in Scorer::score's attention output; null without one.
float* attention_of(const Scorer::Data& data, const UserState::Data& user, std::size_t index,
                    std::span<float> attention) noexcept;

/// True when the interest defines no score for this user: an empty history that training could not have seen.
bool undefined(const network::Interest& interest, const network::History& history) noexcept;

/// Fills `results` for every interest of the block; copies the weights to `attention` unless it is empty.
void pool_interests(Scorer::Data& data, const UserState::Data& user, const Block& block,
                    std::span<float> attention) noexcept;

}  // namespace dinghy::scoring
