// What a torch pickle holds beside the weights: other state_dicts, averages, optimizers.
#pragma once

#include "converter/readers/torch/tensors.h"

namespace dinghy::converter {

/// True for a dict that has a tensor under a name.
bool holds_tensor(const Pickle& pickle, const TorchTensors& tensors, const PickleNode& dict);

/// Its tensors, in its order.
std::vector<Tensor> read_state_dict(const Pickle& pickle, const PickleNode& dict, TorchTensors& tensors);

/// Adds to checkpoint.alternatives every other state_dict and module, named by the keys that lead to it, and lists
/// without names with the reason why they cannot be taken. What the optimizers hold is left out, a line for each.
/// `weights`, when not nullptr, is what checkpoint.tensors come from.
void collect_siblings(const Pickle& pickle, TorchTensors& tensors, const PickleNode* weights, const std::string& where,
                      Checkpoint& checkpoint);

}  // namespace dinghy::converter
