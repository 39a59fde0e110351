#include "converter/presets/codes/onnx/layer_stack.h"

#include <algorithm>

#include "converter/presets/codes/onnx/probe.h"

namespace dinghy::converter {
namespace {

// `of` as norm(activation(norm(linear))): the norms are affine, each part may be absent.
struct Decomposition {
  Affine before;
  Activation activation;
  std::optional<Affine> behind;
};

std::optional<Decomposition> decompose(const Expression* of, const Expression* linear) {
  const std::vector<const Expression*> way = between(of, linear);
  for (auto activated = way.rbegin(); activated != way.rend(); ++activated) {
    std::optional<Affine> behind;
    if (*activated != of && !(behind = affine_of(of, *activated))) continue;
    for (const Expression* normed : way) {
      const std::optional<Affine> before = affine_of(normed, linear);
      if (!before) continue;
      if (const std::optional<Activation> activation = activation_of(*activated, normed)) {
        return Decomposition{*before, *activation, behind};
      }
    }
  }
  return std::nullopt;
}

// A norm of the inputs alone: batch norm before the first layer.
const Expression* without_norm(const Expression* input, Layer& first) {
  const std::vector<const Expression*> sources = sources_of(input, true);
  if (input->kind != ExpressionKind::elementwise || sources.size() != 1) return input;
  const std::optional<Affine> norm = affine_of(input, sources[0]);
  if (!norm) return input;
  fold_before(first, *norm);
  return sources[0];
}

}  // namespace

LayerStack take_layers_off(const GraphConversion& graph, const Expression* top) {
  LayerStack stack;
  stack.input = top;
  while (true) {
    const std::vector<const Expression*> sources = sources_of(stack.input, true);
    if (sources.size() != 1 || sources[0]->kind != ExpressionKind::linear) break;
    const Expression* linear = sources[0];
    const std::optional<Decomposition> parts = decompose(stack.input, linear);
    if (!parts || (parts->behind && stack.layers.empty())) {
      graph.fail(stack.input,
                 "applies a function that is not known here; known are relu, leaky relu, PReLU, sigmoid, "
                 "tanh, SiLU, Dice, and norms in front of a layer");
    }
    if (parts->behind) fold_before(stack.layers.back(), *parts->behind);
    Layer layer;
    layer.weight = linear->weight;
    layer.bias.assign(linear->width, 0.0);
    fold_behind(layer, parts->before);
    layer.activation = parts->activation;
    stack.layers.push_back(std::move(layer));
    stack.input = linear->args[0];
  }
  if (!stack.layers.empty()) stack.input = without_norm(stack.input, stack.layers.back());
  std::ranges::reverse(stack.layers);
  return stack;
}

}  // namespace dinghy::converter
