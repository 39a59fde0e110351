// A stack of layers at the top of an expression.
#pragma once

#include "converter/presets/codes/onnx/graph_conversion.h"

namespace dinghy::converter {

struct LayerStack {
  std::vector<Layer> layers;
  const Expression* input = nullptr;  // what the first layer takes
};

/// Takes layers off `top`, down to what is none; batch norm is folded in, wherever it stands. No layers and `top`
/// itself where `top` is not the result of a layer. Throws Error at the node of an activation that is not known.
LayerStack take_layers_off(const GraphConversion& graph, const Expression* top);

}  // namespace dinghy::converter
