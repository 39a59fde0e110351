#include "converter/presets/recipe_layers.h"

#include "converter/presets/layers.h"

namespace dinghy::converter {
namespace {

Activation take_activation(TensorClaims& claims, const ActivationRecipe& recipe, std::size_t width) {
  using Kind = format::ActivationKind;
  Activation activation;
  switch (recipe.word) {
    case ActivationWord::identity:
      return plain_activation(Kind::identity);
    case ActivationWord::relu:
      return plain_activation(Kind::relu);
    case ActivationWord::sigmoid:
      return plain_activation(Kind::sigmoid);
    case ActivationWord::tanh:
      return plain_activation(Kind::tanh);
    case ActivationWord::prelu:
      return take_prelu(claims, recipe.alpha, width);
    case ActivationWord::prelu_position:
      return take_prelu_position(claims, recipe.alpha, width);
    case ActivationWord::leaky_relu:
      activation.kind = Kind::leaky_relu;
      activation.slope = recipe.slope;
      return activation;
    case ActivationWord::silu:
      return silu(width);
    case ActivationWord::dice:
      if (recipe.norm) return take_dice(claims, recipe.alpha, *recipe.norm, width);
      activation = silu(width);
      activation.alpha = take_alpha(claims, recipe.alpha, width);
      return activation;
    case ActivationWord::row_dice:
      activation.kind = Kind::row_gate;
      activation.epsilon = recipe.epsilon;
      activation.alpha = take_alpha(claims, recipe.alpha, width);
      return activation;
  }
  return activation;
}

Layer take_layer(Conversion& conversion, const LayerRecipe& recipe, std::size_t inputs, const std::string& what) {
  TensorClaims& claims = conversion.claims;
  Layer layer = take_linear(claims, recipe.weight, recipe.bias, conversion.recipe.network->layout, inputs, what);
  if (recipe.input_batch_norm) fold_before(layer, take_norm(claims, *recipe.input_batch_norm, inputs));
  if (recipe.batch_norm) fold_behind(layer, take_norm(claims, *recipe.batch_norm, width_of(layer)));
  layer.activation = take_activation(claims, recipe.activation, width_of(layer));
  return layer;
}

}  // namespace

std::vector<Layer> take_layers(Conversion& conversion, const std::vector<LayerRecipe>& recipes, std::size_t inputs,
                               const std::string& what) {
  std::vector<Layer> layers;
  for (const LayerRecipe& recipe : recipes) {
    layers.push_back(layers.empty() ? take_layer(conversion, recipe, inputs, what)
                                    : take_layer(conversion, recipe, width_of(layers.back()), "the layer before"));
  }
  return layers;
}

}  // namespace dinghy::converter
