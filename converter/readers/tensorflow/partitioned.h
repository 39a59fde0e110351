// Variables that training kept in several parts, put together again.
#pragma once

#include <string>
#include <vector>

#include "converter/tensor.h"

namespace dinghy::converter {

/// One tensor of the rows of all parts, in their order; the parts are row-major and fill their storages. Nothing is
/// read. Throws Error at `where` when their widths or types differ.
Tensor join_rows(std::string name, const std::vector<Tensor>& parts, const std::string& where);

/// Replaces "x/part_0", "x/part_1", … by "x". Throws Error at `where` when a part is missing.
std::vector<Tensor> join_named_parts(std::vector<Tensor> tensors, const std::string& where);

}  // namespace dinghy::converter
