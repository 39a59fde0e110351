#include "converter/presets/keras_dense.h"

#include <algorithm>

#include "converter/error.h"
#include "converter/presets/activation_setting.h"
#include "converter/presets/keras_variables.h"
#include "converter/presets/layers.h"
#include "converter/text/number_text.h"
#include "converter/text/quotes.h"

namespace dinghy::converter {
namespace {

constexpr double kEpsilon = 1e-3;  // Keras' BatchNormalization, which this kind of Dice leaves alone

double dice_epsilon(const Conversion& conversion) { return conversion.recipe.epsilon.dice.value_or(kEpsilon); }

// The layer inside `dense`: by its class's name, or as the attribute "activation" where variables have numbers.
std::string inner_layer(const Checkpoint& checkpoint, const std::string& dense, const std::string& base) {
  const std::vector<std::string> layers = keras_layers(checkpoint, dense, base);
  return layers.empty() ? dense + "/activation" : layers.front();
}

Activation take_inner_dice(Conversion& conversion, const std::string& dice, const std::string& norm, std::size_t width,
                           const std::string& dice_alpha) {
  const Checkpoint& checkpoint = conversion.checkpoint;
  const std::string own_alpha = keras_variable(checkpoint, dice, "alpha", 0);
  return take_dice(conversion.claims, checkpoint.find(own_alpha) || dice_alpha.empty() ? own_alpha : dice_alpha,
                   {"", "", keras_variable(checkpoint, norm, "moving_mean", 0),
                    keras_variable(checkpoint, norm, "moving_variance", 1), dice_epsilon(conversion)},
                   width);
}

Activation take_activation(Conversion& conversion, const std::string& dense, std::size_t width,
                           const std::string& dice_alpha) {
  const Checkpoint& checkpoint = conversion.checkpoint;
  const std::string dice = inner_layer(checkpoint, dense, "dice");
  const std::vector<std::string> norms = keras_layers(checkpoint, dice, "batch_normalization");
  const std::string norm = norms.empty() ? dice + "/bn" : norms.front();
  if (checkpoint.find(keras_variable(checkpoint, norm, "moving_mean", 0))) {
    return take_inner_dice(conversion, dice, norm, width, dice_alpha);
  }
  const std::string alpha = keras_variable(checkpoint, inner_layer(checkpoint, dense, "p_re_lu"), "alpha", 0);
  const Tensor* tensor = checkpoint.find(alpha);
  if (!tensor) return {};
  return tensor->shape.size() == 2 ? take_prelu_position(conversion.claims, alpha, width)
                                   : take_prelu(conversion.claims, alpha, width);
}

// A layer that lost its alpha would be taken for a linear one.
void require_one_kind(const Conversion& conversion, const std::vector<Layer>& layers, const std::string& part) {
  const auto kind = [](const Layer& layer) { return layer.activation.kind; };
  const auto other = std::ranges::find_if(layers, [&](const Layer& layer) { return kind(layer) != kind(layers[0]); });
  if (other == layers.end()) return;
  throw Error(conversion.checkpoint.path,
              "has the tensors of an activation for some layers of the " + part + ", but not for its layer " +
                  std::to_string((kind(*other) == format::ActivationKind::identity ? other - layers.begin() : 0) + 1) +
                  "; the file is incomplete");
}

}  // namespace

Layer take_keras_dense(Conversion& conversion, const std::string& layer, std::size_t inputs, const std::string& what,
                       const std::string& dice_alpha) {
  const Checkpoint& checkpoint = conversion.checkpoint;
  Layer taken = take_linear(conversion.claims, keras_kernel(checkpoint, layer), keras_bias(checkpoint, layer),
                            WeightLayout::in_out, inputs, what);
  taken.activation = take_activation(conversion, layer, width_of(taken), dice_alpha);
  return taken;
}

void choose_keras_activation(Conversion& conversion, std::vector<Layer>& layers, const std::string& part,
                             format::ActivationKind otherwise) {
  const auto& by_recipe = part == "tower" ? conversion.recipe.tower.activation : conversion.recipe.attention.activation;
  const std::string subject = "activation of the " + part;
  require_one_kind(conversion, layers, part);
  switch (layers.front().activation.kind) {
    case format::ActivationKind::gate: {
      refuse_activation(conversion, by_recipe, part, "Dice");
      const std::string epsilon = number_text(dice_epsilon(conversion));
      return conversion.found(subject, "Dice, epsilon " + epsilon,
                              conversion.recipe.epsilon.dice ? Certainty::recipe : Certainty::preset,
                              RecipeLine{"epsilon", "dice = " + epsilon});
    }
    case format::ActivationKind::prelu:
    case format::ActivationKind::prelu_position: {
      const bool by_position = layers.front().activation.kind == format::ActivationKind::prelu_position;
      const std::string known = by_position ? "PReLU by position" : "PReLU";
      refuse_activation(conversion, by_recipe, part, known);
      return conversion.found(subject, known, Certainty::file);
    }
    default: {
      const auto [kind, sure] = conversion.decide(by_recipe, otherwise, Certainty::assumed);
      for (Layer& layer : layers) layer.activation = plain_activation(kind);
      const char* word = format::EnumNameActivationKind(kind);
      conversion.found(subject, word, sure, RecipeLine{part, "activation = " + json_string(word)});
    }
  }
}

}  // namespace dinghy::converter
