// A table of XDL as text, one row a line: `id,f1,f2,…`.
#pragma once

#include <utility>

#include "converter/tensor.h"

namespace dinghy::converter {

/// The rows [rows][dim] f32, named `name`, and their ids [rows] int64, named `name`/ids. Throws Error naming the line.
std::pair<Tensor, Tensor> read_xdl_table(const std::string& path, const std::string& name);

}  // namespace dinghy::converter
