// The tower of a graph: what stands side by side at its input, and what the last logit becomes.
#pragma once

#include "converter/presets/codes/onnx/graph_interests.h"

namespace dinghy::converter {

/// Fills the network's tower, head and what is below; throws Error at the node that is not understood.
void add_graph_tower(const GraphConversion& graph);

}  // namespace dinghy::converter
