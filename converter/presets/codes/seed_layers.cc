#include "converter/presets/codes/seed_layers.h"

#include <algorithm>

#include "converter/presets/activation_setting.h"
#include "converter/presets/keras_variables.h"
#include "converter/presets/layers.h"
#include "converter/text/number_text.h"
#include "converter/text/quotes.h"

namespace dinghy::converter {
namespace {

constexpr double kDiceEpsilon = 1e-9;

}  // namespace

std::vector<Layer> SeedLayers::take(const std::string& prefix, const std::string& dice, const std::string& prelu,
                                    std::size_t inputs) {
  std::vector<Layer> layers;
  for (std::size_t i = 0; i == 0 || has(keras_kernel(conversion_.checkpoint, prefix + std::to_string(i))); ++i) {
    const std::string number = std::to_string(i);
    layers.push_back(linear(prefix + number, i == 0 ? inputs : width_of(layers.back()),
                            i == 0 ? "the input of the " + part_ : "the layer before"));
    layers.back().activation = activation(dice + number, prelu + number, width_of(layers.back()));
  }
  return layers;
}

Layer SeedLayers::linear(const std::string& name, std::size_t inputs, const std::string& what) {
  return take_linear(conversion_.claims, keras_kernel(conversion_.checkpoint, name),
                     keras_bias(conversion_.checkpoint, name), WeightLayout::in_out, inputs, what);
}

Activation SeedLayers::activation(const std::string& dice, const std::string& prelu, std::size_t width,
                                  const std::optional<std::pair<format::ActivationKind, Certainty>>& known) {
  const std::string dice_alpha = keras_variable(conversion_.checkpoint, dice, "alpha", 0);
  const std::string prelu_alpha = keras_variable(conversion_.checkpoint, prelu, "alpha", 0);
  if (has(dice_alpha)) {
    refuse_activation(conversion_, by_recipe_, part_, "Dice");
    const auto [epsilon, sure] = conversion_.decide(conversion_.recipe.epsilon.dice, kDiceEpsilon, Certainty::preset);
    report_once("Dice, epsilon " + number_text(epsilon), sure, RecipeLine{"epsilon", "dice = " + number_text(epsilon)});
    return take_dice(conversion_.claims, dice_alpha, norm_of(dice, epsilon), width);
  }
  if (has(prelu_alpha)) {
    refuse_activation(conversion_, by_recipe_, part_, "PReLU");
    report_once("PReLU", Certainty::file);
    return take_prelu(conversion_.claims, prelu_alpha, width);
  }
  const auto [otherwise, otherwise_sure] =
      known.value_or(std::pair(format::ActivationKind::sigmoid, Certainty::assumed));
  const auto [kind, sure] = conversion_.decide(by_recipe_, otherwise, otherwise_sure);
  const std::string word = format::EnumNameActivationKind(kind);
  report_once(word, sure, RecipeLine{part_, "activation = " + json_string(word)});
  return plain_activation(kind);
}

// In Keras' own files the statistics lie in a layer "bn" inside Dice.
NormRecipe SeedLayers::norm_of(const std::string& dice, double epsilon) const {
  const auto statistic = [&](const char* name, int number) {
    const std::string own = dice + "/" + name;
    return has(own) ? own : keras_variable(conversion_.checkpoint, dice + "/bn", name, number);
  };
  return {"", "", statistic("moving_mean", 0), statistic("moving_variance", 1), epsilon};
}

// Layers of one part mostly have the same.
void SeedLayers::report_once(const std::string& value, Certainty sure, std::optional<RecipeLine> line) {
  const std::string subject = "activation of the " + part_;
  const auto said = [&](const Finding& finding) { return finding.subject == subject && finding.value == value; };
  if (std::ranges::none_of(conversion_.findings, said)) conversion_.found(subject, value, sure, std::move(line));
}

}  // namespace dinghy::converter
