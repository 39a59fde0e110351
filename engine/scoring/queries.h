// The queries of the candidates and the keys of the behaviours: vectors of one width.
#pragma once

#include "engine/scoring/candidates.h"
#include "engine/scoring/interest_store.h"
#include "engine/scoring/layers.h"
#include "engine/scoring/rows.h"
#include "engine/scoring/user_data.h"

namespace dinghy::scoring {

/// False where q is simply a piece of the candidate row.
bool needs_query_rows(const network::Interest& interest) noexcept;

/// Concatenates, pads and projects the queries of all candidates into store.queries, where that is needed. `buffers`
/// has room for a block.
void make_queries(const kernels::KernelTable& kernels, const network::Interest& interest,
                  const CandidateRows& candidates, const LayerBuffers& buffers, const InterestStore& store) noexcept;

/// The queries that make_queries made, or their places in the candidate rows.
Rows queries(const network::Interest& interest, const CandidateRows& candidates, const InterestStore& store) noexcept;

/// The keys of interest `index`, the padding row behind the last: its copied rows, or their places in the behaviour
/// rows.
Rows keys_of(const UserState::Data& user, const network::Interest& interest, std::size_t index) noexcept;

}  // namespace dinghy::scoring
