// What torch.save was given: a state_dict, a dict around one, or a whole module.
#pragma once

#include "converter/readers/torch/tensors.h"

namespace dinghy::converter {

/// Fills tensors, facts and format ("pytorch " + `container` + " state_dict" or " whole module") of `checkpoint`.
/// Looks into the keys state_dict, model_state_dict and model first; other state_dicts in the file become alternatives.
/// Throws Error at `where` when there is nothing of that kind, or more than one under other keys.
void read_torch_object(const Pickle& pickle, TorchTensors& tensors, const std::string& container,
                       const std::string& where, Checkpoint& checkpoint);

}  // namespace dinghy::converter
