// The candidates of a call: their rows gathered, and the order in which the attention takes them.
#pragma once

#include "engine/scoring/key_plan.h"
#include "engine/scoring/scorer_data.h"

namespace dinghy::scoring {

/// Gathers `count` candidates from the matched columns into rows, tokens and biases. Errors: missing_id.
Status gather_candidates(Scorer::Data& data, std::size_t count) noexcept;

/// An order of the candidates in which those with equal coarse fields (KeyPlan) follow each other, and among them those
/// with equal queries.
struct CandidateOrder {
  const std::uint32_t* candidate = nullptr;  // [count]; null: as they come
  const std::uint32_t* query = nullptr;      // [count] equal queries have equal numbers; null: all differ
  const std::uint32_t* coarse = nullptr;     // [count] likewise for the coarse fields of the query
};

CandidateOrder order_candidates(Scorer::Data& data, const network::Interest& interest, const KeyPlan& plan) noexcept;

}  // namespace dinghy::scoring
