// The behaviours of a user state: replaced by UserState::set, extended by UserState::append.
#pragma once

#include "engine/scoring/user_data.h"

namespace dinghy::scoring {

/// Replaces every history by the kept behaviours of the columns. One that extends the history there was (it begins with
/// the last behaviours of the old one) keeps its epoch, and the vectors that are there already.
/// On an error the histories are empty, in new epochs.
Status replace_histories(UserState::Data& data, Columns history) noexcept;

/// Adds behaviours behind every history; all of them or, on an error, none.
Status append_behaviors(UserState::Data& data, Columns behaviors) noexcept;

}  // namespace dinghy::scoring
