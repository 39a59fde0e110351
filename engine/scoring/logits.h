// The logits of the local activation unit, of every candidate over the behaviours.
#pragma once

#include "engine/scoring/interest_store.h"
#include "engine/scoring/unit.h"

namespace dinghy::scoring {

/// Computes every pair of candidate and behaviour, and the padding row's where it takes part, into store.logits.
void compute_logits(const Unit& unit, InterestStore& store, const UnitScratch& scratch) noexcept;

/// Brings store.logits up to the present history. Where that extends the history that they are of, only the new
/// behaviours' pairs are computed, with the same bits.
void update_logits(const Unit& unit, InterestStore& store, const UnitScratch& scratch) noexcept;

}  // namespace dinghy::scoring
