// The score that a graph computes, as one expression.
#pragma once

#include <map>
#include <set>

#include "converter/presets/codes/onnx/expression.h"
#include "converter/tensor.h"

namespace dinghy::converter {

struct GraphScore {
  const Expression* expression = nullptr;
  std::set<std::string> tensors;                    // initialisers that nodes on the way to the score read
  std::map<const Expression*, std::string> places;  // the node that made it first, for errors
};

/// Follows the graph from its inputs to its first output. Throws Error with the node's name, its operation and what was
/// expected there for a graph that is not understood.
GraphScore read_graph_score(const Checkpoint& checkpoint, Expressions& expressions);

}  // namespace dinghy::converter
