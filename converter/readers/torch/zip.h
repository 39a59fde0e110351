// A checkpoint of torch.save since PyTorch 1.6: a zip of data.pkl and one member per storage.
#pragma once

#include "converter/readers/archive.h"

namespace dinghy::converter {

/// True when the archive has a data.pkl, or the code/ of TorchScript.
bool is_torch_zip(const Archive& archive);

/// Throws Error for TorchScript, big-endian files, and whatever read_torch_object refuses.
Checkpoint read_torch_zip(const std::shared_ptr<const Archive>& archive);

/// The tensor that was saved by itself, as a part of a distributed checkpoint is. Throws Error for anything else.
Tensor read_torch_zip_tensor(const std::shared_ptr<const Archive>& archive, const std::string& name);

}  // namespace dinghy::converter
