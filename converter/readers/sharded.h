// A model in several files with an index that says which file holds which tensor, and the folder around such a model:
// the layout of Hugging Face, with files of safetensors or of PyTorch.
#pragma once

#include <functional>
#include <optional>
#include <string_view>

#include "converter/tensor.h"

namespace dinghy::converter {

/// The path of the one model in `folder`: an index, or a single file of a usual name. Nothing when there is none.
/// Throws Error for several.
std::optional<std::string> find_model_file(const std::string& folder);

/// True when a file that begins with `head` can be an index.
bool is_shard_index(std::string_view head);

/// The tensors of the index, in its order, which is not the network's, out of files in the index's own folder, which
/// the checkpoint is called after; `read` reads one of them. Throws Error for an index that names files elsewhere, for
/// a tensor that its file lacks or that the index does not name, and whatever `read` refuses.
Checkpoint read_sharded(const std::string& index_path, const std::function<Checkpoint(const std::string& path)>& read);

}  // namespace dinghy::converter
