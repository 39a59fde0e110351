// The specification of a score: the Deep Interest Network of the paper, section 4, for one candidate, in double.
//
// It follows the formulas in their order: [q, k, q-k, q*k] through the local activation unit for every behaviour, the
// normalizer, the weighted sum, concatenation, tower. Nothing is folded, shared or reordered. It is the oracle of every
// test and runs as the ISA `reference`.
#pragma once

#include <cstddef>

#include "engine/network/network.h"
#include "engine/network/user.h"

namespace dinghy::reference {

/// Doubles that score_candidate needs, for histories of up to `max_history`.
std::size_t scratch_size(const network::Model& model, std::size_t max_history) noexcept;

/// Where score_candidate writes the weights of an interest's behaviours: `weights` + t. Null: nowhere.
struct AttentionOutput {
  float* weights = nullptr;
};

/// The tower's logit for the candidate whose features lie in `candidate_row`, or with two logits their difference,
/// positive class first; the head's biases, scale and link are the caller's. `attention` has one entry per interest.
double score_candidate(const network::Model& model, const network::User& user, const float* candidate_row,
                       double* scratch, const AttentionOutput* attention) noexcept;

/// The numbers that the tower takes for that candidate, model.tower.width of them, in `scratch` until its next use: for
/// statistics over many candidates.
const double* tower_input(const network::Model& model, const network::User& user, const float* candidate_row,
                          double* scratch, const AttentionOutput* attention) noexcept;

/// Doubles that project_user needs.
std::size_t user_scratch_size(const network::Model& model) noexcept;

/// What no candidate changes, in float: the results of the user's MLPs into the user row, and into `tower_initial` what
/// the user's parts add to the tower's first layer, bias included. Scorers of other ISAs take them; score_candidate
/// takes the first alone.
void project_user(const network::Model& model, float* user_row, double* scratch, float* tower_initial) noexcept;

/// The weight that every behaviour has in the weighted sum, from the logits of the local activation unit (schema,
/// Normalizer and Pads). `weights` holds the logits of the behaviours and, behind them, those of the `pads` padding
/// rows.
void normalize(const network::Interest& interest, const network::History& history, std::size_t pads,
               double* weights) noexcept;

/// y = sum (or mean) of a feature over the history, padding rows up to pad_to included.
void history_sum(const network::Model& model, const network::HistorySum& sum, const network::History& history,
                 double* y) noexcept;

}  // namespace dinghy::reference
