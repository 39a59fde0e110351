// Files that a package writes beside a checkpoint and that say what its tensors do not: feature maps, vocabularies.
#pragma once

#include <string>
#include <vector>

#include "converter/tensor.h"

namespace dinghy::converter {

/// Adds to checkpoint.documents the files of `paths`, and those beside the checkpoint (inside it, where it is a folder)
/// whose names public codes use. A document has the name of its file, of an .npz "FILE: ARRAY" for every list of ids in
/// it; one of `paths` stands in for one found beside.
/// Throws Error for a file of `paths` that cannot be read, for two of one name, and for one over 256 MiB.
void add_companions(Checkpoint& checkpoint, const std::vector<std::string>& paths);

}  // namespace dinghy::converter
