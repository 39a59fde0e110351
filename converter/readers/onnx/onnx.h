// ONNX models: initialisers become tensors, the graph becomes Checkpoint::graph. Presets read the graph; here nothing
// of it is interpreted.
#pragma once

#include "converter/tensor.h"

namespace dinghy::converter {

/// ONNX has no magic number: true for a protobuf message from the first to the last byte that begins with a version and
/// has a graph where ONNX has it.
bool is_onnx(const std::string& path);

/// Throws Error for damaged files, for tensors outside the file and the model's folder, and for graphs with functions
/// or subgraphs, which presets could not follow.
Checkpoint read_onnx(const std::string& path);

}  // namespace dinghy::converter
