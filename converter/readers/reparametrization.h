// Weights that a file holds as what they are computed from: torch's weight norm and pruning.
#pragma once

#include "converter/tensor.h"

namespace dinghy::converter {

/// Puts the weight, computed in double, in the place of what it is computed from: g * v / |v| (`weight_g` and
/// `weight_v`, or `parametrizations.weight.original0` and `original1`) and weight * mask (`weight_orig`,
/// `weight_mask`). Returns what was folded, in words. Throws Error at `where` for other parametrizations.
std::vector<std::string> fold_reparametrized(std::vector<Tensor>& tensors, const std::string& where);

}  // namespace dinghy::converter
