// The order in which the attention takes the candidates, so that what two of them share is computed once.
#pragma once

#include "engine/scoring/candidates.h"
#include "engine/scoring/distinct.h"
#include "engine/scoring/key_plan.h"

namespace dinghy::scoring {

/// An order of the candidates in which those with equal coarse fields (KeyPlan) follow each other, and among them those
/// with equal queries.
struct CandidateOrder {
  const std::uint32_t* candidate = nullptr;  // [count]; null: as they come
  const std::uint32_t* query = nullptr;      // [count] equal queries have equal numbers; null: all differ
  const std::uint32_t* coarse = nullptr;     // [count] likewise for the coarse fields of the query
};

/// Arrays of [max_candidates + 1].
struct OrderScratch {
  std::uint32_t* order = nullptr;
  std::uint32_t* by_query = nullptr;
  std::uint32_t* by_coarse = nullptr;
  std::uint32_t* query = nullptr;
  std::uint32_t* coarse = nullptr;
  std::uint32_t* counts = nullptr;
};

inline MarkedRows marked_rows(const CandidateRows& candidates) noexcept {
  return {.marks = candidates.marks,
          .stride = candidates.features,
          .count = candidates.count,
          .column = &network::Field::query_feature};
}

CandidateOrder order_candidates(const network::Interest& interest, const CandidateRows& candidates, const KeyPlan& plan,
                                const OrderScratch& scratch, const DistinctScratch& distinct) noexcept;

}  // namespace dinghy::scoring
