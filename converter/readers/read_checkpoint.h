// The one way into the readers: a checkpoint of any known format.
#pragma once

#include <string>

#include "converter/tensor.h"

namespace dinghy::converter {

/// The formats that this build reads, in words.
std::string readable_formats();

/// Reads `path`, a file or a folder. The format is found by content, never by suffix. Large tensors keep
/// their file open and are read when their rows are asked for. Names are unique, printable UTF-8. Throws Error for a
/// format that is not known, with the way out where there is one, and for every damaged file.
Checkpoint read_checkpoint(const std::string& path);

}  // namespace dinghy::converter
