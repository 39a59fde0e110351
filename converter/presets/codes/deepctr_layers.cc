#include "converter/presets/codes/deepctr_layers.h"

#include <algorithm>

#include "converter/error.h"
#include "converter/presets/absent_parts.h"
#include "converter/presets/activation_setting.h"
#include "converter/presets/keras_variables.h"
#include "converter/presets/layers.h"
#include "converter/text/number_text.h"
#include "converter/text/quotes.h"

namespace dinghy::converter {
namespace {

constexpr double kDiceEpsilon = 1e-9;       // deepctr/layers/activation.py:42
constexpr double kBatchNormEpsilon = 1e-3;  // Keras' default

/// The layer that has a variable: all in front of "/kernel0" or "/vars/0".
std::string layer_of(const std::string& tensor) {
  const std::string layer = tensor.substr(0, tensor.rfind('/'));
  return layer.ends_with("/vars") ? layer.substr(0, layer.size() - 5) : layer;
}

std::string last_part(const std::string& scope) { return scope.substr(scope.rfind('/') + 1); }

bool is_unit(const std::string& scope) {
  return is_keras_layer(last_part(scope), "local_activation_unit") || last_part(scope) == "local_att";
}

/// In Keras 3 layers of a list lie in a group of the list's name.
std::vector<std::string> listed_children(const Checkpoint& checkpoint, const std::string& scope,
                                         const std::string& list, const std::string& base) {
  std::vector<std::string> found = keras_layers(checkpoint, scope, base);
  return found.empty() ? keras_layers(checkpoint, scope + "/" + list, base) : found;
}

class Dnn {
 public:
  Dnn(Conversion& conversion, const std::string& scope, const std::string& part)
      : conversion_(conversion),
        checkpoint_(conversion.checkpoint),
        scope_(scope),
        part_(part),
        norms_(listed_children(checkpoint_, scope, "bn_layers", "batch_normalization")),
        dice_(listed_children(checkpoint_, scope, "activation_layers", "dice")) {}

  /// Kernels come first, then all biases (deepctr/layers/core.py, DNN.build).
  std::size_t depth() const {
    std::size_t named = 0, numbered = 0;
    while (checkpoint_.find(scope_ + "/kernel" + std::to_string(named))) ++named;
    while (checkpoint_.find(scope_ + "/vars/" + std::to_string(numbered))) ++numbered;
    return named > 0 ? named : numbered / 2;
  }

  std::vector<Layer> take(std::size_t inputs, const std::optional<std::pair<std::string, Certainty>>& activation) {
    std::vector<Layer> layers;
    const std::size_t count = depth();
    check_norms(count);
    for (std::size_t i = 0; i < count; ++i) {
      const std::string what = i == 0 ? "the input of the " + part_ : "the layer before";
      const std::string number = std::to_string(i);
      layers.push_back(take_linear(conversion_.claims,
                                   keras_variable(checkpoint_, scope_, "kernel" + number, static_cast<int>(i)),
                                   keras_variable(checkpoint_, scope_, "bias" + number, static_cast<int>(count + i)),
                                   WeightLayout::in_out, i == 0 ? inputs : width_of(layers.back()), what));
      fold_norm(layers.back(), i);
      layers.back().activation = activation_of(i, width_of(layers.back()), activation);
    }
    return layers;
  }

 private:
  // All layers of a DNN have batch norm, or none (deepctr/layers/core.py, use_bn); that of the attention has none.
  void check_norms(std::size_t count) {
    if (norms_.empty() && part_ == "tower") report_absent_parts(conversion_, part_, "batch norm", {scope_});
    if (norms_.empty() || norms_.size() == count) return;
    throw Error(checkpoint_.path, "has batch norm for " + std::to_string(norms_.size()) + " of the " +
                                      std::to_string(count) + " layers of " + scope_ + ", not for each or none; the " +
                                      "file is incomplete");
  }

  void fold_norm(Layer& layer, std::size_t i) {
    if (norms_.empty()) return;
    const auto [epsilon, sure] =
        conversion_.decide(conversion_.recipe.epsilon.batch_norm, kBatchNormEpsilon, Certainty::preset);
    const auto name = [&](const char* variable, int number) {
      return keras_variable(checkpoint_, norms_[i], variable, number);
    };
    fold_behind(layer, take_norm(conversion_.claims,
                                 {name("gamma", 0), name("beta", 1), name("moving_mean", 2), name("moving_variance", 3),
                                  epsilon},
                                 width_of(layer)));
    const RecipeLine line{"epsilon", "batch_norm = " + number_text(epsilon)};
    if (i == 0) conversion_.found("batch norm of the " + part_, "folded, epsilon " + number_text(epsilon), sure, line);
  }

  Activation activation_of(std::size_t i, std::size_t width,
                           const std::optional<std::pair<std::string, Certainty>>& stated) {
    if (!dice_.empty()) return take_dice_of(i, width);
    const auto& by_recipe =
        part_ == "tower" ? conversion_.recipe.tower.activation : conversion_.recipe.attention.activation;
    const auto [kind, sure] =
        stated ? conversion_.decide(by_recipe, kind_of(stated->first), stated->second)
               : conversion_.decide(by_recipe,
                                    part_ == "tower" ? format::ActivationKind::relu : format::ActivationKind::sigmoid,
                                    Certainty::assumed);
    const char* word = format::EnumNameActivationKind(kind);
    const RecipeLine line{part_, "activation = " + json_string(word)};
    if (i == 0) conversion_.found("activation of the " + part_, word, sure, line);
    return plain_activation(kind);
  }

  Activation take_dice_of(std::size_t i, std::size_t width) {
    refuse_activation(conversion_,
                      part_ == "tower" ? conversion_.recipe.tower.activation : conversion_.recipe.attention.activation,
                      part_, "Dice");
    const std::string dice = i < dice_.size() ? dice_[i] : scope_ + "/dice_" + std::to_string(i);
    const auto [epsilon, sure] = conversion_.decide(conversion_.recipe.epsilon.dice, kDiceEpsilon, Certainty::preset);
    const RecipeLine line{"epsilon", "dice = " + number_text(epsilon)};
    if (i == 0) conversion_.found("activation of the " + part_, "Dice, epsilon " + number_text(epsilon), sure, line);
    const std::vector<std::string> norms = keras_layers(checkpoint_, dice, "batch_normalization");
    const std::string norm = norms.empty() ? dice + "/bn" : norms.front();
    return take_dice(conversion_.claims, keras_variable(checkpoint_, dice, "dice_alpha", 0),
                     {"", "", keras_variable(checkpoint_, norm, "moving_mean", 0),
                      keras_variable(checkpoint_, norm, "moving_variance", 1), epsilon},
                     width);
  }

  format::ActivationKind kind_of(const std::string& word) const {
    if (word == "relu") return format::ActivationKind::relu;
    if (word == "sigmoid") return format::ActivationKind::sigmoid;
    if (word == "tanh") return format::ActivationKind::tanh;
    if (word == "linear") return format::ActivationKind::identity;
    throw Error(checkpoint_.path, "the " + part_ + " has the activation " + in_quotes(word) +
                                      ", which is not known here; state it in a generic recipe if it is one of those");
  }

  Conversion& conversion_;
  const Checkpoint& checkpoint_;
  std::string scope_, part_;
  std::vector<std::string> norms_, dice_;
};

}  // namespace

std::optional<DeepctrScopes> find_deepctr_scopes(const Checkpoint& checkpoint) {
  DeepctrScopes scopes;
  for (const Tensor& tensor : checkpoint.tensors) {
    const std::string layer = layer_of(tensor.name);
    const std::string parent = layer.substr(0, std::max<std::size_t>(layer.rfind('/') + 1, 1) - 1);
    const std::string name = last_part(layer);
    if (is_unit(layer)) scopes.unit = layer;
    if (is_keras_layer(name, "dnn")) (is_unit(parent) ? scopes.unit_dnn : scopes.tower_dnn) = layer;
    if (is_keras_layer(layer, "dense")) scopes.output = layer;
    if (is_keras_layer(layer, "prediction_layer")) scopes.prediction = layer;
  }
  if (scopes.unit.empty() || scopes.unit_dnn.empty() || scopes.tower_dnn.empty()) return std::nullopt;
  return scopes;
}

std::vector<Layer> take_deepctr_dnn(Conversion& conversion, const std::string& scope, const std::string& part,
                                    std::size_t inputs, std::optional<std::pair<std::string, Certainty>> activation) {
  return Dnn(conversion, scope, part).take(inputs, activation);
}

}  // namespace dinghy::converter
