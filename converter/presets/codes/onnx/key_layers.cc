#include "converter/presets/codes/onnx/key_layers.h"

#include <algorithm>

namespace dinghy::converter {
namespace {

// The one layer without an activation that `key` is of its rows.
std::optional<LayerStack> linear_layer(const GraphConversion& graph, const Expression* key) {
  LayerStack stack = take_layers_off(graph, key);
  const bool linear = stack.layers.size() == 1 && stack.layers[0].activation.kind == format::ActivationKind::identity;
  return linear ? std::optional(std::move(stack)) : std::nullopt;
}

bool has_bias(const Layer& layer) {
  return std::ranges::any_of(layer.bias, [](double number) { return number != 0; });
}

// Of a user without behaviours too.
bool add_up_to_one(const WeightForm& form) {
  return form.normalizer == format::Normalizer::softmax && form.pads != format::Pads::denominator &&
         form.empty != format::EmptyHistory::zero;
}

Matrix transposed(const Matrix& matrix) {
  Matrix turned{matrix.cols, matrix.rows, Vector(matrix.values.size())};
  for (std::size_t r = 0; r < matrix.rows; ++r) {
    for (std::size_t c = 0; c < matrix.cols; ++c) turned.at(c, r) = matrix.at(r, c);
  }
  return turned;
}

}  // namespace

PooledKey pooled_key_of(const GraphConversion& graph, const Expression* key, const WeightForm& form) {
  std::optional<LayerStack> stack = linear_layer(graph, key);
  if (!stack) return {key, std::nullopt};
  Layer& layer = stack->layers[0];
  if (!has_bias(layer)) {
    layer.bias.clear();
  } else if (!add_up_to_one(form)) {
    graph.fail(key, "pools a layer with a bias on the behaviours, whose weights do not always add up to 1");
  }
  return {stack->input, std::move(layer)};
}

const Expression* without_key_layer(const GraphConversion& graph, const Expression* product, const WeightForm& form) {
  const bool of_two = product->kind == ExpressionKind::elementwise && product->args.size() == 2;
  if (!of_two || product->operation->name != std::string("Mul")) return product;
  const Expression *query = product->args[0], *key = product->args[1];
  if (query->time > 0) std::swap(query, key);
  if (query->time > 0 || key->time == 0 || query->width != key->width) return product;
  const std::optional<LayerStack> stack = linear_layer(graph, key);
  if (!stack) return product;
  const bool unseen = form.normalizer == format::Normalizer::softmax && form.pads != format::Pads::zero_logit;
  if (has_bias(stack->layers[0]) && !unseen) {
    graph.fail(product, "compares with a layer with a bias on the behaviours, without a softmax of all of them");
  }
  Expressions& make = graph.expressions;
  return make.elementwise(product->operation, {make.linear(query, transposed(stack->layers[0].weight)), stack->input});
}

}  // namespace dinghy::converter
