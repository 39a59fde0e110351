// The interests of a block of candidates.
#pragma once

#include <cstddef>
#include <span>

#include "engine/scoring/scorer_data.h"
#include "engine/scoring/user_data.h"

namespace dinghy::scoring {

/// Candidates [first, first + count) of a call with `total` candidates; the block's candidate rows are gathered.
struct Block {
  std::size_t first;
  std::size_t count;
  std::size_t total;
};

/// Where the weights of interest `index` begin in Scorer::score's attention output; null without one.
float* attention_of(const network::Model& model, const network::User& user, std::size_t index, std::size_t candidates,
                    std::span<float> attention) noexcept;

/// True when the interest defines no score for this user: an empty history that training could not have seen.
bool undefined(const network::Interest& interest, const network::History& history) noexcept;

/// Fills `results` for every interest of the block; copies the weights to `attention` unless it is empty.
void attend(Scorer::Data& data, const UserState::Data& user, const Block& block, std::span<float> attention) noexcept;

}  // namespace dinghy::scoring
