// The local activation unit in integers (docs/design.md, "Integers"): keys and folds, quantized. A key's integers
// follow from its row, a fold's from its candidate's: nothing else of the call changes them.
#pragma once

#include "dinghy/scorer.h"
#include "engine/kernels/select.h"
#include "engine/scoring/unit.h"

namespace dinghy::scoring {

/// Whether a scorer computes an interest in integers, whatever the call: the model asks for them, the ISA has them, and
/// the options allow them.
bool in_integers(format::Compute compute, const kernels::Selection& kernels, Integers use,
                 const network::Interest& interest) noexcept;

/// Words of a key's integers of some fields.
std::size_t words_of(const Unit& u, const network::FieldGroup& of) noexcept;

/// Once for a plan: gives it the integers of its keys, in `to`.
void quantize_keys(const Unit& u, const IntegerScratch& to, KeyPlan& plan) noexcept;

/// What the coarse fields add to every pair of the candidate `q`, into scratch.sums.coarse_product.
void multiply_integer_coarse(const Unit& u, const KeyPlan& plan, const float* q, const UnitScratch& scratch) noexcept;

/// Logits of the candidate `q` over the plan's rows, into scratch.sums.logits.
void integer_logits(const Unit& u, const KeyPlan& plan, const float* q, kernels::Initial initial,
                    const UnitScratch& scratch) noexcept;

}  // namespace dinghy::scoring
