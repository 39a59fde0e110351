// The queries of the candidates and the keys of the behaviours: vectors of one width.
#pragma once

#include "engine/scoring/rows.h"
#include "engine/scoring/scorer_data.h"
#include "engine/scoring/user_data.h"

namespace dinghy::scoring {

/// False where q is simply a piece of the candidate row.
bool needs_query_rows(const network::Interest& interest) noexcept;

/// Concatenates, pads and projects the queries of all data.count candidates, where that is needed.
void make_queries(Scorer::Data& data, const network::Interest& interest, Scorer::Data::InterestStore& store) noexcept;

/// The queries that make_queries made, or their places in the candidate rows.
Rows queries(const Scorer::Data& data, const network::Interest& interest,
             const Scorer::Data::InterestStore& store) noexcept;

/// The keys of interest `index`, the padding row behind the last: its copied rows, or their places in the behaviour
/// rows.
Rows keys_of(const UserState::Data& user, const network::Interest& interest, std::size_t index) noexcept;

/// x through `layers` for some rows; the result is in one of the two buffers, or x itself when there are no layers.
Rows run_layers(const kernels::KernelTable& kernels, const Array<network::Layer>& layers, Rows x, std::size_t rows,
                float* buffer, float* spare, std::size_t stride) noexcept;

}  // namespace dinghy::scoring
