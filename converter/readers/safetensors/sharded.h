// A model in several .safetensors files, with an index that says which file holds which tensor.
#pragma once

#include <optional>
#include <string_view>

#include "converter/tensor.h"

namespace dinghy::converter {

/// The path of the one NAME.safetensors.index.json in `folder`; nothing when there is none. Throws Error for several.
std::optional<std::string> find_safetensors_index(const std::string& folder);

/// True when a file that begins with `head` can be an index.
bool is_safetensors_index(std::string_view head);

/// The tensors of the index, in its order, out of files in the index's own folder, which the checkpoint is called
/// after. Throws Error for an index that names files elsewhere, for a tensor that its file lacks or that the index does
/// not name, and whatever read_safetensors refuses.
Checkpoint read_sharded_safetensors(const std::string& index_path);

}  // namespace dinghy::converter
