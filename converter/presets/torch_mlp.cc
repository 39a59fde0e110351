#include "converter/presets/torch_mlp.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <set>
#include <utility>

#include "converter/error.h"
#include "converter/presets/facts.h"
#include "converter/presets/recipe_layers.h"
#include "converter/text/quotes.h"

namespace dinghy::converter {
namespace {

enum class ModuleKind { linear, norm, activation, none };

// A PReLU's weight is one number or one per channel, a linear layer's has two dimensions.
ModuleKind kind_by_tensors(const Checkpoint& checkpoint, const std::string& module) {
  if (checkpoint.find(module + ".alpha")) return ModuleKind::activation;
  if (checkpoint.find(module + ".running_mean")) return ModuleKind::norm;
  const Tensor* weight = checkpoint.find(module + ".weight");
  if (!weight) return ModuleKind::none;
  return weight->shape.size() == 2 ? ModuleKind::linear : ModuleKind::activation;
}

std::string simple_name(const std::string& type) { return type.substr(type.rfind('.') + 1); }

std::optional<format::ActivationKind> plain_kind(const std::string& type) {
  using Kind = format::ActivationKind;
  static const std::map<std::string, Kind> kKinds = {{"ReLU", Kind::relu},
                                                     {"Sigmoid", Kind::sigmoid},
                                                     {"Tanh", Kind::tanh},
                                                     {"Identity", Kind::identity},
                                                     {"LeakyReLU", Kind::leaky_relu}};
  const auto known = kKinds.find(simple_name(type));
  return known == kKinds.end() ? std::nullopt : std::optional(known->second);
}

ModuleKind kind_of(const Checkpoint& checkpoint, const std::string& module) {
  const ModuleKind by_tensors = kind_by_tensors(checkpoint, module);
  const std::string* type = find_fact(checkpoint, module + ".class");
  if (by_tensors != ModuleKind::none || !type) return by_tensors;
  if (plain_kind(*type)) return ModuleKind::activation;
  if (simple_name(*type) == "Dropout") return ModuleKind::none;
  throw Error(checkpoint.path + ": " + module, "the layer " + in_quotes(*type) + " is not known here");
}

double fact_number(const Checkpoint& checkpoint, const std::string& path, double otherwise) {
  const std::string* text = find_fact(checkpoint, path);
  if (text) std::from_chars(text->data(), text->data() + text->size(), otherwise);
  return otherwise;
}

// Describes the layers of one MLP.
class Describer {
 public:
  Describer(const Checkpoint& checkpoint, const TorchMlp& mlp) : checkpoint_(checkpoint), mlp_(mlp) {}

  LayerRecipe layer(const TorchLayer& names, bool is_logit) const {
    LayerRecipe layer{.weight = names.linear + ".weight"};
    if (has(names.linear + ".bias")) layer.bias = names.linear + ".bias";
    if (!names.input_norm.empty()) layer.input_batch_norm = norm(names.input_norm, mlp_.batch_norm_epsilon);
    if (!names.norm.empty()) layer.batch_norm = norm(names.norm, mlp_.batch_norm_epsilon);
    layer.activation = activation(names.activation, is_logit);
    return layer;
  }

 private:
  bool has(const std::string& tensor) const { return checkpoint_.find(tensor) != nullptr; }

  // The module's own epsilon, or the one of this code.
  Sourced<double> epsilon_of(const std::string& module, double otherwise) const {
    const std::string fact = module + ".eps";
    return {fact_number(checkpoint_, fact, otherwise),
            find_fact(checkpoint_, fact) ? Certainty::file : Certainty::preset};
  }

  // gamma and beta are there unless the module was built with affine=False.
  NormRecipe norm(const std::string& module, double epsilon) const {
    const bool affine = has(module + ".weight");
    return {affine ? module + ".weight" : "", affine ? module + ".bias" : "", module + ".running_mean",
            module + ".running_var", epsilon_of(module, epsilon)};
  }

  std::optional<ActivationRecipe> activation(const std::string& module, bool is_logit) const {
    if (!module.empty() && has(module + ".alpha")) return dice(module);
    if (!module.empty() && has(module + ".weight")) {
      return ActivationRecipe{.word = {ActivationWord::prelu, Certainty::file}, .alpha = module + ".weight"};
    }
    return is_logit ? std::nullopt : std::optional(plain(module));
  }

  ActivationRecipe dice(const std::string& module) const {
    ActivationRecipe dice{.word = {ActivationWord::dice, Certainty::preset}, .alpha = module + ".alpha"};
    if (mlp_.dice == TorchDice::stored) dice.norm = norm(module + ".bn", mlp_.dice_epsilon);
    if (mlp_.dice != TorchDice::row) return dice;
    dice.word.value = ActivationWord::row_dice;
    dice.epsilon = epsilon_of(module + ".bn", mlp_.dice_epsilon);
    dice.each_channel = true;  // torch_rechub/basic/activation.py:18 adds epsilon to every square before it sums them
    return dice;
  }

  ActivationRecipe plain(const std::string& module) const {
    const std::string* type = module.empty() ? nullptr : find_fact(checkpoint_, module + ".class");
    if (!type) return {.word = {word_of(mlp_.assumed), mlp_.assumed_certainty}};
    const auto known = plain_kind(*type);
    if (!known) {
      throw Error(checkpoint_.path + ": " + module, "the activation " + in_quotes(*type) + " is not known here");
    }
    ActivationRecipe plain{.word = {word_of(*known), Certainty::file}};
    if (known == format::ActivationKind::leaky_relu) {
      plain.slope = fact_number(checkpoint_, module + ".negative_slope", 0.01);
    }
    return plain;
  }

  const Checkpoint& checkpoint_;
  const TorchMlp& mlp_;
};

// In front of the weights, behind them, or behind the activation.
bool has_norm(const std::vector<TorchLayer>& layers, std::size_t i) {
  const bool behind = i + 1 < layers.size() && !layers[i + 1].input_norm.empty();
  return !layers[i].input_norm.empty() || !layers[i].norm.empty() || behind;
}

}  // namespace

std::vector<std::string> sequential_modules(const Checkpoint& checkpoint, const std::string& prefix) {
  std::set<std::uint64_t> numbers;
  const auto note = [&](const std::string& name) {
    if (!name.starts_with(prefix + ".")) return;
    const char* const begin = name.data() + prefix.size() + 1;
    const char* const end = name.data() + name.size();
    std::uint64_t number = 0;
    const auto [stop, error] = std::from_chars(begin, end, number);
    if (error == std::errc() && stop != end && *stop == '.') numbers.insert(number);
  };
  for (const Tensor& tensor : checkpoint.tensors) note(tensor.name);
  for (const auto& [path, value] : checkpoint.facts) note(path);
  for (const auto& [path, what] : checkpoint.unread) note(path + ".");  // to be refused when it is asked for
  std::vector<std::string> modules;
  for (const std::uint64_t number : numbers) modules.push_back(prefix + "." + std::to_string(number));
  return modules;
}

std::vector<TorchLayer> torch_layers(const Checkpoint& checkpoint, const std::vector<std::string>& modules) {
  std::vector<TorchLayer> layers;
  std::string input_norm;
  for (const std::string& module : modules) {
    const ModuleKind kind = kind_of(checkpoint, module);
    if (kind == ModuleKind::linear) {
      layers.push_back({std::exchange(input_norm, ""), module, "", ""});
    } else if (kind == ModuleKind::norm) {
      const bool behind = !layers.empty() && layers.back().activation.empty() && layers.back().norm.empty();
      (behind ? layers.back().norm : input_norm) = module;
    } else if (kind == ModuleKind::activation) {
      if (layers.empty()) throw Error(checkpoint.path + ": " + module, "an activation before the first layer");
      layers.back().activation = module;
    }
  }
  return layers;
}

std::vector<LayerRecipe> describe_torch_mlp(const Conversion& conversion, const std::vector<TorchLayer>& layers,
                                            const TorchMlp& mlp) {
  if (layers.empty()) throw Error(conversion.checkpoint.path, "the " + mlp.part + " has no layers");
  const Describer describer(conversion.checkpoint, mlp);
  std::vector<LayerRecipe> described;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const bool is_logit = i + 1 == layers.size() && mlp.ends_in_logit;
    LayerRecipe& layer = described.emplace_back(describer.layer(layers[i], is_logit));
    if (layer.bias.empty()) layer.absent.emplace_back("a bias");
    if (is_logit || has_norm(layers, i)) continue;
    if (mlp.batch_norm == TorchNorm::optional) layer.absent.emplace_back("batch norm");
    if (mlp.batch_norm != TorchNorm::always) continue;
    conversion.claims.fail(layer.weight,
                           "has no batch norm behind it, which this code always has; the file is incomplete");
  }
  return described;
}

std::vector<Layer> take_torch_mlp(Conversion& conversion, const std::vector<TorchLayer>& layers, const TorchMlp& mlp,
                                  std::size_t inputs) {
  std::vector<LayerRecipe> described = describe_torch_mlp(conversion, layers, mlp);
  override_layers(conversion.recipe, mlp.part, described);
  report_layers(conversion, mlp.part, described);
  return take_layers(conversion.claims, WeightLayout::out_in, described, inputs, "the input of the " + mlp.part);
}

}  // namespace dinghy::converter
