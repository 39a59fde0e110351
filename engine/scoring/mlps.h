// MLPs before the tower: those of the user once per user state, the others for a block of candidates.
#pragma once

#include "engine/scoring/attention.h"

namespace dinghy::scoring {

/// Writes the results of the MLPs that no candidate changes into the user row.
void run_user_mlps(UserState::Data& data) noexcept;

/// Writes the results of the other MLPs behind those of the interests.
void run_mlps(Scorer::Data& data, const UserState::Data& user, const Block& block) noexcept;

}  // namespace dinghy::scoring
