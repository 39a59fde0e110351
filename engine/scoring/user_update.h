// The user row, and what is computed from it and the histories.
#pragma once

#include "engine/scoring/user_data.h"

namespace dinghy::scoring {

/// Gathers the user and context features into the user row.
Status gather_user(UserState::Data& data, Columns features) noexcept;

/// Computes what depends on the gathered rows: padding rows, copied keys, sums over the history, MLPs of those, the
/// tower's user part.
void refresh(UserState::Data& data) noexcept;

}  // namespace dinghy::scoring
