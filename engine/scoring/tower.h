// The tower and the head, for a block of candidates.
#pragma once

#include "engine/scoring/attention.h"

namespace dinghy::scoring {

/// Concatenates the parts that depend on the candidate, runs the tower and leaves logits in data.logits.
void run_tower(Scorer::Data& data, const UserState::Data& user, const Block& block) noexcept;

/// From logits to probabilities: per-id biases, scale and shift, link, offset.
void apply_head(Scorer::Data& data, const UserState::Data& user, const Block& block, float* scores) noexcept;

}  // namespace dinghy::scoring
