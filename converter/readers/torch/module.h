// A whole torch.nn.Module in a pickle (`torch.save(model)`), read like the state_dict that it would give.
#pragma once

#include "converter/readers/torch/tensors.h"

namespace dinghy::converter {

/// True for an object with the attributes of a torch.nn.Module.
bool is_torch_module(const Pickle& pickle, const PickleNode& node);

/// The parameters and persistent buffers of a module and of those inside it, in the order and under the names of
/// state_dict(). Throws Error at `where` for modules nested too deeply (also in themselves).
std::vector<Tensor> read_torch_module(const Pickle& pickle, const PickleNode& module, TorchTensors& tensors,
                                      const std::string& where);

}  // namespace dinghy::converter
