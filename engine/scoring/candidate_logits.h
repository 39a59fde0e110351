// The logits of the local activation unit, candidate after candidate: each is folded once and meets all behaviours.
#pragma once

#include <cstddef>

#include "engine/scoring/interest_store.h"
#include "engine/scoring/unit.h"

namespace dinghy::scoring {

/// Some rows of the history that follow each other; the padding row lies behind the last behaviour.
struct Span {
  std::size_t first = 0;
  std::size_t count = 0;
};

/// The behaviours of `span`, as a plan takes them.
Behaviors behaviors_of(const Unit& u, Span span) noexcept;

/// The pairs of the behaviours of `span` with all candidates, into store.logits and, of the padding row,
/// store.pad_logits: computed, or found in the unit's memo, which gets what was computed.
void candidate_logits(const Unit& u, Span span, InterestStore& store, const UnitScratch& scratch) noexcept;

}  // namespace dinghy::scoring
