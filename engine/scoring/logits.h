// The logits of the local activation unit, of every candidate over the behaviours.
#pragma once

#include "engine/scoring/scorer_data.h"
#include "engine/scoring/user_data.h"

namespace dinghy::scoring {

/// Computes every pair of candidate and behaviour of interest `index`, and the padding row's where it takes part.
void compute_logits(Scorer::Data& data, const UserState::Data& user, std::size_t index) noexcept;

/// Brings the interest's logits up to the user's present history. Where that extends the history that they are of, only
/// the new behaviours' pairs are computed, with the same bits.
void update_logits(Scorer::Data& data, const UserState::Data& user, std::size_t index) noexcept;

}  // namespace dinghy::scoring
