#include "converter/presets/recipe_layers.h"

#include <algorithm>

#include "converter/error.h"
#include "converter/presets/absent_parts.h"
#include "converter/presets/layers.h"
#include "converter/text/number_text.h"
#include "converter/text/quotes.h"

namespace dinghy::converter {
namespace {

Activation take_activation(TensorClaims& claims, const ActivationRecipe& recipe, std::size_t width) {
  using Kind = format::ActivationKind;
  Activation activation;
  switch (recipe.word.value) {
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
      activation.epsilon = recipe.epsilon.value * (recipe.each_channel ? static_cast<double>(width) : 1);
      activation.alpha = take_alpha(claims, recipe.alpha, width);
      return activation;
  }
  return activation;
}

Layer take_layer(TensorClaims& claims, WeightLayout layout, const LayerRecipe& recipe, std::size_t inputs,
                 const std::string& what) {
  Layer layer = recipe.weight.empty() ? identity_layer(inputs)
                                      : take_linear(claims, recipe.weight, recipe.bias, layout, inputs, what);
  if (recipe.input_batch_norm) fold_before(layer, take_norm(claims, *recipe.input_batch_norm, inputs));
  if (recipe.batch_norm) fold_behind(layer, take_norm(claims, *recipe.batch_norm, width_of(layer)));
  if (recipe.activation) layer.activation = take_activation(claims, *recipe.activation, width_of(layer));
  return layer;
}

// What an activation with tensors is called; empty: no tensor tells of it.
std::string kind_by_tensors(const ActivationRecipe& activation) {
  switch (activation.word.value) {
    case ActivationWord::dice:
    case ActivationWord::row_dice:
      return "Dice";
    case ActivationWord::prelu:
    case ActivationWord::prelu_position:
      return "PReLU";
    case ActivationWord::silu:
      return "x * sigmoid(x)";
    default:
      return "";
  }
}

void refuse_told_activation(const Recipe& recipe, const std::string& part, format::ActivationKind said,
                            const ActivationRecipe& told) {
  const std::string known = kind_by_tensors(told);
  if (known.empty()) return;
  throw Error(recipe.where(), "[" + part + "] activation is " + format::EnumNameActivationKind(said) + ", but the " +
                                  part + " of this checkpoint has " + known + "; leave it out");
}

// Whether a recipe speaks of the layer's activation; one behind the logits of an attention is no hidden layer's.
bool is_hidden(const std::string& part, std::span<const LayerRecipe> layers, const LayerRecipe& layer) {
  return layer.activation && !(part == "attention" && &layer == &layers.back());
}

void report_absent(Conversion& conversion, const std::string& part, std::span<const LayerRecipe> layers) {
  for (const char* what : {"a bias", "batch norm"}) {
    std::vector<std::string> without;
    for (const LayerRecipe& layer : layers) {
      if (std::ranges::find(layer.absent, what) == layer.absent.end()) continue;
      without.push_back(layer.weight.substr(0, layer.weight.rfind('.')));
    }
    report_absent_parts(conversion, part, what, without);
  }
}

// The findings of one part. Its layers, and those of several attentions, mostly have the same.
class Report {
 public:
  Report(Conversion& conversion, const std::string& part) : conversion_(conversion), part_(part) {}

  void norm(const NormRecipe& norm) {
    const std::string epsilon = number_text(norm.epsilon.value);
    once("batch norm of the " + part_, "folded, epsilon " + epsilon, norm.epsilon.certainty,
         RecipeLine{"epsilon", "batch_norm = " + epsilon});
  }

  void activation(const ActivationRecipe& activation) {
    const ActivationWord word = activation.word.value;
    if (word == ActivationWord::row_dice)
      return dice("Dice of each row's own statistics, epsilon ", activation.epsilon);
    if (word == ActivationWord::dice && activation.norm) return dice("Dice, epsilon ", activation.norm->epsilon);
    const std::string by_tensors = kind_by_tensors(activation);
    const std::string value = word == ActivationWord::dice ? "Dice without normalization" : by_tensors;
    if (!by_tensors.empty()) return once(subject(), value, activation.word.certainty);
    once(subject(), name_of(word), activation.word.certainty,
         RecipeLine{part_, "activation = " + json_string(name_of(word))});
  }

 private:
  std::string subject() const { return "activation of the " + part_; }

  void dice(const std::string& what, const Sourced<double>& epsilon) {
    const std::string number = number_text(epsilon.value);
    once(subject(), what + number, epsilon.certainty, RecipeLine{"epsilon", "dice = " + number});
  }

  void once(const std::string& subject, const std::string& value, Certainty sure, std::optional<RecipeLine> line = {}) {
    const auto said = [&](const Finding& finding) {
      return finding.subject == subject && finding.value == value && finding.certainty == sure;
    };
    if (std::ranges::none_of(conversion_.findings, said)) conversion_.found(subject, value, sure, std::move(line));
  }

  Conversion& conversion_;
  const std::string& part_;
};

}  // namespace

std::vector<Layer> take_layers(TensorClaims& claims, WeightLayout layout, const std::vector<LayerRecipe>& recipes,
                               std::size_t inputs, const std::string& what) {
  std::vector<Layer> layers;
  for (const LayerRecipe& recipe : recipes) {
    layers.push_back(layers.empty() ? take_layer(claims, layout, recipe, inputs, what)
                                    : take_layer(claims, layout, recipe, width_of(layers.back()), "the layer before"));
  }
  return layers;
}

void report_layers(Conversion& conversion, const std::string& part, std::span<const LayerRecipe> layers) {
  report_absent(conversion, part, layers);
  Report report(conversion, part);
  for (const LayerRecipe& layer : layers) {
    if (layer.input_batch_norm) report.norm(*layer.input_batch_norm);
    if (layer.batch_norm) report.norm(*layer.batch_norm);
    if (is_hidden(part, layers, layer)) report.activation(*layer.activation);
  }
}

void report_norm(Conversion& conversion, const std::string& part, const NormRecipe& norm) {
  Report(conversion, part).norm(norm);
}

void override_layers(const Recipe& recipe, const std::string& part, std::span<LayerRecipe> layers) {
  const auto& activation = part == "attention" ? recipe.attention.activation : recipe.tower.activation;
  for (LayerRecipe& layer : layers) {
    if (layer.input_batch_norm) layer.input_batch_norm->epsilon.override_by(recipe.epsilon.batch_norm);
    if (layer.batch_norm) layer.batch_norm->epsilon.override_by(recipe.epsilon.batch_norm);
    if (!is_hidden(part, layers, layer)) continue;
    if (layer.activation->norm) layer.activation->norm->epsilon.override_by(recipe.epsilon.dice);
    layer.activation->epsilon.override_by(recipe.epsilon.dice);
    if (!activation) continue;
    refuse_told_activation(recipe, part, *activation, *layer.activation);
    layer.activation->word = {word_of(*activation), Certainty::recipe};
  }
}

}  // namespace dinghy::converter
