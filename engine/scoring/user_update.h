// What UserState::set and append do, step by step.
#pragma once

#include "engine/scoring/user_data.h"

namespace dinghy::scoring {

/// Gathers the user and context features into the user row.
Status gather_user(UserState::Data& data, Columns features) noexcept;

/// Gathers the kept behaviours of every sequence, with their masks.
Status gather_histories(UserState::Data& data, Columns history) noexcept;

/// Gathers new behaviours behind every history; all of them or, on an error, none.
Status append_behaviors(UserState::Data& data, Columns behaviors) noexcept;

/// Computes what depends on the gathered rows: padding rows, copied keys, sums over the history, the tower's user part.
void refresh(UserState::Data& data) noexcept;

}  // namespace dinghy::scoring
