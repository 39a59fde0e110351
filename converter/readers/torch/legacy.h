// A file of torch.save before PyTorch 1.6 (or with _use_new_zipfile_serialization=False): five pickles, then the
// storages one behind the other.
#pragma once

#include <string_view>

#include "converter/tensor.h"

namespace dinghy::converter {

/// True when a file that begins with `head` is one.
bool is_torch_legacy(std::string_view head);

/// Throws Error for big-endian files, and whatever read_torch_object refuses.
Checkpoint read_torch_legacy(const std::string& path);

}  // namespace dinghy::converter
