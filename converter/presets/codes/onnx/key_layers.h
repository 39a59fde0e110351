// Layers on the behaviours: of one layer without an activation, on what is compared or on what is pooled, the engine
// needs none.
#pragma once

#include "converter/presets/codes/onnx/layer_stack.h"
#include "converter/presets/codes/onnx/weight_form.h"

namespace dinghy::converter {

/// A pooled key: the rows that it comes from, and the layer on them.
struct PooledKey {
  const Expression* rows = nullptr;
  std::optional<Layer> layer;  // sum(w (rows W + b)) = sum(w rows) W + b where the weights add up to 1
};

/// Throws Error at the layer when the weights do not add up to 1 and it has a bias.
PooledKey pooled_key_of(const GraphConversion& graph, const Expression* key, const WeightForm& form);

/// The product q * k of a dot product without the layer on k: q . (k W + b) = (q Wᵀ) . k + q . b. The last term is the
/// same at all places, which a softmax does not see; throws Error at the product where there is none. The product
/// itself where k has no layer.
const Expression* without_key_layer(const GraphConversion& graph, const Expression* product, const WeightForm& form);

}  // namespace dinghy::converter
