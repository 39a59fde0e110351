// The local activation unit in integers (docs/design.md, "Integers"): keys and folds, quantized. A key's integers
// follow from its row, a fold's from its candidate's: nothing else of the call changes them.
#pragma once

#include "engine/scoring/key_plan.h"
#include "engine/scoring/unit.h"

namespace dinghy::scoring {

/// Whether a scorer computes an interest in integers, whatever the call: the model asks for them, the ISA has them, and
/// the options allow them.
bool in_integers(const Scorer::Data& data, const network::Interest& interest) noexcept;

/// Once for a plan: integers of its keys.
void quantize_keys(const Unit& u, const KeyPlan& plan) noexcept;

/// What the coarse fields add to every pair of the candidate `q`, into u.data.coarse_product.
void multiply_integer_coarse(const Unit& u, const KeyPlan& plan, const float* q) noexcept;

/// Logits of the candidate `q` over the plan's rows, into u.data.unit_logits.
void integer_logits(const Unit& u, const KeyPlan& plan, const float* q, kernels::Initial initial) noexcept;

}  // namespace dinghy::scoring
