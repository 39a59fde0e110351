// The local activation unit in integers (docs/design.md, "Integers"): keys and folds of a call, quantized.
#pragma once

#include "engine/scoring/key_plan.h"
#include "engine/scoring/unit.h"

namespace dinghy::scoring {

/// Whether a call of `behaviors` is worth it: the model asks for integers, the ISA has them, and there are enough pairs
/// to pay for quantizing the keys and for a costlier fold.
bool use_integers(const Unit& u, std::size_t behaviors) noexcept;

/// Once per call: integers of the plan's direct keys, and the weights of the first layer with the integers' scales.
void make_integers(const Unit& u, const KeyPlan& plan, Rows queries) noexcept;

/// Logits of the candidate `q` over the plan's rows.
void integer_logits(const Unit& u, const KeyPlan& plan, const float* q, kernels::Initial initial,
                    float* logits) noexcept;

}  // namespace dinghy::scoring
