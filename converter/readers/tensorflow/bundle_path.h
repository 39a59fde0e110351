// Which TensorFlow checkpoint a path means.
#pragma once

#include <optional>
#include <string>

namespace dinghy::converter {

/// A checkpoint is `folder`/`prefix`.index and its .data files.
struct BundlePath {
  std::string folder;
  std::string prefix;  // "ckpt", or "variables/variables" in a SavedModel
};

/// `path`: a SavedModel's folder; a folder whose file `checkpoint` names the latest one, or that holds a single .index;
/// PREFIX.index; or PREFIX. Nothing when it is none of these. Throws Error for a folder with several, for a name that
/// reaches outside it, and for a file that belongs to a checkpoint but is not its .index, with what to give instead.
std::optional<BundlePath> find_bundle(const std::string& path);

}  // namespace dinghy::converter
