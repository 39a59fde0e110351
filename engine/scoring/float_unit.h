// The local activation unit in floats: a candidate's fold, and rows through the layers.
#pragma once

#include <cstddef>

#include "engine/scoring/interest_store.h"
#include "engine/scoring/unit.h"

namespace dinghy::scoring {

/// initial = x * weight + b, which the sums of the first layer begin with: c(q) of the queries, whose weight is Wa +
/// Wc; of one key, whose weight is Wb - Wc, where it is folded in the candidates' place.
void project(const Unit& u, Rows x, std::size_t rows, const float* weight, float* initial) noexcept;

/// c(q) of all candidates into store.initial, unless it is there.
void multiply_queries(const Unit& u, InterestStore& store) noexcept;

/// The unit of all rows of `keys` with the first layer scratch.fold, into scratch.logits.
void run_unit(const Unit& u, const kernels::Layer* hidden, Rows keys, std::size_t rows, std::size_t width,
              kernels::Initial initial, const SumScratch& scratch, const float* plus = nullptr) noexcept;

/// Dot products of a vector with rows, into scratch.logits.
void run_dot(const Unit& u, const float* vector, Rows rows, std::size_t count, const SumScratch& scratch) noexcept;

/// What the coarse fields add to every pair of the candidate `q`, k_coarse E_coarse(q), into scratch.coarse_product.
void multiply_float_coarse(const Unit& u, const KeyPlan& plan, const float* q, const SumScratch& scratch) noexcept;

/// Logits of the candidate `q` over the plan's rows, into scratch.logits. `plus`: as in kernels::AttentionUnit.
void float_logits(const Unit& u, const KeyPlan& plan, const float* q, kernels::Initial initial, const float* plus,
                  const SumScratch& scratch) noexcept;

}  // namespace dinghy::scoring
