// A folder of torch.distributed.checkpoint: .metadata and .distcp files, as TorchEasyRec and FSDP trainers write them.
#pragma once

#include <optional>

#include "converter/tensor.h"

namespace dinghy::converter {

/// The folder that holds the model: `folder` itself, or its "model" beside an "optimizer". Nothing when neither has a
/// .metadata.
std::optional<std::string> find_distributed_checkpoint(const std::string& folder);

/// The tensors, put together from their parts, which stay in their files. Names lose "model.", "state_dict.", "module."
/// and the like when all have them; the optimizer's tensors are left out. Throws Error for damaged metadata, for parts
/// that do not make up their tensor, and whatever a torch zip is refused for.
Checkpoint read_distributed_checkpoint(const std::string& folder);

}  // namespace dinghy::converter
