// The .meta beside a TensorFlow 1 checkpoint: the graph that trained it. Only its lists of whole numbers are of use.
#pragma once

#include <vector>

#include "converter/tensor.h"

namespace dinghy::converter {

/// The graph's constants of one dimension and type int32 or int64, named as their nodes; none when there is no such
/// file. Their bytes stay in the file. Throws Error for a damaged one.
std::vector<Tensor> read_meta_constants(const std::string& path);

}  // namespace dinghy::converter
