// A .safetensors file: a JSON header that names the tensors, then their bytes.
#pragma once

#include <string_view>

#include "converter/tensor.h"

namespace dinghy::converter {

/// True when a file that begins with `head` can be one.
bool is_safetensors(std::string_view head);

/// All tensors, read by position when their rows are asked for; the texts of "__metadata__" become the facts
/// "metadata.KEY". Throws Error for a damaged header, for tensors that overlap, leave holes or reach outside the file,
/// and for element types that no table has (8-bit floats, unsigned integers over 8 bits).
Checkpoint read_safetensors(const std::string& path);

}  // namespace dinghy::converter
