// Verifying, and every scoring call, on a model that nobody has to trust, on every ISA, with values that nobody has to
// trust.
#pragma once

#include <cstdint>

#include "dinghy/model.h"

namespace dinghy::fuzz {

/// Verifies the file; runs its self-test, sets a user, scores, appends and scores again on each ISA of this machine;
/// `hostility` as in drawn_columns.h. Refused calls are fine: what must not happen is what the sanitizers see.
void score_hostile(const Model& model, unsigned hostility, std::uint64_t seed);

/// The same on one of them, which a number chooses.
void score_hostile_on_one(const Model& model, std::uint64_t number, unsigned hostility, std::uint64_t seed);

}  // namespace dinghy::fuzz
