// What a checkpoint of a whole computation (ONNX) holds beside its tensors: the operations from the inputs to the
// score.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "converter/tensor.h"

namespace dinghy::converter {

struct GraphAttribute {
  std::string name;
  std::vector<std::int64_t> ints;  // an int is a list of one
  std::vector<double> floats;      // a float is a list of one
  std::optional<Tensor> tensor;
};

/// One operation. A left-out optional input has the name "".
struct GraphNode {
  std::string op;    // "Gemm"; of another domain than ONNX' own "domain::op"
  std::string name;  // for errors; may be empty
  std::vector<std::string> inputs, outputs;
  std::vector<GraphAttribute> attributes;

  /// nullptr when the node has none of this name.
  const GraphAttribute* find(const std::string& attribute) const {
    const auto found = std::ranges::find(attributes, attribute, &GraphAttribute::name);
    return found == attributes.end() ? nullptr : &*found;
  }
};

struct GraphInput {
  std::string name;
  bool integer = false;             // ids; else floating point numbers
  std::vector<std::int64_t> shape;  // -1: any extent
  bool truth = false;               // integers that are 0 or 1, as a mask has them
};

/// Nodes in an order in which each reads only what came before; constants are the checkpoint's tensors.
struct Graph {
  std::vector<GraphNode> nodes;
  std::vector<GraphInput> inputs;
  std::vector<std::string> outputs;
  std::int64_t opset = 0;  // version of ONNX' own operations
};

}  // namespace dinghy::converter
