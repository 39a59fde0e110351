#include "converter/presets/torch_mlp.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <set>
#include <utility>

#include "converter/error.h"
#include "converter/presets/absent_parts.h"
#include "converter/presets/activation_setting.h"
#include "converter/presets/facts.h"
#include "converter/presets/layers.h"
#include "converter/text/number_text.h"
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

// Builds the layers of one MLP.
class Builder {
 public:
  Builder(Conversion& conversion, const TorchMlp& mlp) : conversion_(conversion), mlp_(mlp) {}

  Layer build(const TorchLayer& names, std::size_t inputs, bool first, bool is_logit) {
    const std::string what = first ? "the input of the " + mlp_.part : "the layer before";
    const std::string bias = names.linear + ".bias";
    Layer layer = take_linear(conversion_.claims, names.linear + ".weight", conversion_.claims.has(bias) ? bias : "",
                              WeightLayout::out_in, inputs, what);
    if (!names.input_norm.empty()) fold_before(layer, batch_norm(names.input_norm, inputs));
    if (!names.norm.empty()) fold_behind(layer, batch_norm(names.norm, width_of(layer)));
    layer.activation = activation(names.activation, width_of(layer), is_logit);
    return layer;
  }

 private:
  // gamma and beta are there unless the module was built with affine=False.
  NormRecipe norm_names(const std::string& module, double epsilon) const {
    const bool affine = conversion_.claims.has(module + ".weight");
    return {affine ? module + ".weight" : "", affine ? module + ".bias" : "", module + ".running_mean",
            module + ".running_var", epsilon};
  }

  // The recipe's epsilon, the module's own, or the one of this code.
  std::pair<double, Certainty> epsilon_of(const std::optional<double>& by_recipe, const std::string& module,
                                          double otherwise) const {
    const std::string fact = module + ".eps";
    const bool stored = find_fact(conversion_.checkpoint, fact) != nullptr;
    return conversion_.decide(by_recipe, fact_number(conversion_.checkpoint, fact, otherwise),
                              stored ? Certainty::file : Certainty::preset);
  }

  Affine batch_norm(const std::string& module, std::size_t width) {
    const auto [epsilon, sure] = epsilon_of(conversion_.recipe.epsilon.batch_norm, module, mlp_.batch_norm_epsilon);
    report_once("batch norm of the " + mlp_.part, "folded, epsilon " + number_text(epsilon), sure,
                RecipeLine{"epsilon", "batch_norm = " + number_text(epsilon)});
    return take_norm(conversion_.claims, norm_names(module, epsilon), width);
  }

  Activation activation(const std::string& module, std::size_t width, bool is_logit) {
    if (!module.empty() && conversion_.claims.has(module + ".alpha")) return dice(module, width);
    if (!module.empty() && conversion_.claims.has(module + ".weight")) {
      refuse_activation(conversion_, mlp_.by_recipe, mlp_.part, "PReLU");
      report_once(subject(), "PReLU", Certainty::file);
      return take_prelu(conversion_.claims, module + ".weight", width);
    }
    return is_logit ? plain_activation(format::ActivationKind::identity) : plain(module);
  }

  Activation dice(const std::string& module, std::size_t width) {
    refuse_activation(conversion_, mlp_.by_recipe, mlp_.part, "Dice");
    if (mlp_.dice == TorchDice::none) {
      report_once(subject(), "Dice without normalization", Certainty::preset);
      Activation activation = silu(width);
      activation.alpha = take_alpha(conversion_.claims, module + ".alpha", width);
      return activation;
    }
    const auto [epsilon, sure] = epsilon_of(conversion_.recipe.epsilon.dice, module + ".bn", mlp_.dice_epsilon);
    const bool row = mlp_.dice == TorchDice::row;
    report_once(subject(),
                (row ? "Dice of each row's own statistics, epsilon " : "Dice, epsilon ") + number_text(epsilon), sure,
                RecipeLine{"epsilon", "dice = " + number_text(epsilon)});
    if (!row) return take_dice(conversion_.claims, module + ".alpha", norm_names(module + ".bn", epsilon), width);
    Activation activation = plain_activation(format::ActivationKind::row_gate);
    // torch_rechub/basic/activation.py:18 adds epsilon to every square before it sums them.
    activation.epsilon = epsilon * static_cast<double>(width);
    activation.alpha = take_alpha(conversion_.claims, module + ".alpha", width);
    return activation;
  }

  Activation plain(const std::string& module) {
    format::ActivationKind otherwise = mlp_.assumed;
    Certainty certainty = mlp_.assumed_certainty;
    const std::string* type = module.empty() ? nullptr : find_fact(conversion_.checkpoint, module + ".class");
    if (type) {
      const auto known = plain_kind(*type);
      if (!known) {
        throw Error(conversion_.checkpoint.path + ": " + module,
                    "the activation " + in_quotes(*type) + " is not known here");
      }
      otherwise = *known;
      certainty = Certainty::file;
    }
    const auto [kind, sure] = conversion_.decide(mlp_.by_recipe, otherwise, certainty);
    const std::string word = format::EnumNameActivationKind(kind);
    report_once(subject(), word, sure, RecipeLine{mlp_.part, "activation = " + json_string(word)});
    Activation activation = plain_activation(kind);
    if (kind == format::ActivationKind::leaky_relu) {
      activation.slope = fact_number(conversion_.checkpoint, module + ".negative_slope", 0.01);
    }
    return activation;
  }

  std::string subject() const { return "activation of the " + mlp_.part; }

  // Layers of one part, and of several attentions, mostly have the same.
  void report_once(const std::string& subject, const std::string& value, Certainty sure,
                   std::optional<RecipeLine> line = {}) {
    const auto said = [&](const Finding& finding) {
      return finding.subject == subject && finding.value == value && finding.certainty == sure;
    };
    if (std::ranges::none_of(conversion_.findings, said)) conversion_.found(subject, value, sure, std::move(line));
  }

  Conversion& conversion_;
  const TorchMlp& mlp_;
};

void report_absent(Conversion& conversion, const std::vector<TorchLayer>& layers, const TorchMlp& mlp) {
  std::vector<std::string> without_bias, without_norm;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const TorchLayer& layer = layers[i];
    const bool last = i + 1 == layers.size();
    if (!conversion.claims.has(layer.linear + ".bias")) without_bias.push_back(layer.linear);
    const std::string behind = last ? "" : layers[i + 1].input_norm;  // behind the activation
    const bool has_norm = !layer.input_norm.empty() || !layer.norm.empty() || !behind.empty();
    if (!has_norm && !(last && mlp.ends_in_logit)) without_norm.push_back(layer.linear);
  }
  report_absent_parts(conversion, mlp.part, "a bias", without_bias);
  if (mlp.batch_norm == TorchNorm::optional) report_absent_parts(conversion, mlp.part, "batch norm", without_norm);
  if (mlp.batch_norm != TorchNorm::always || without_norm.empty()) return;
  conversion.claims.fail(without_norm.front() + ".weight",
                         "has no batch norm behind it, which this code always has; the file is incomplete");
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

std::vector<Layer> take_torch_mlp(Conversion& conversion, const std::vector<TorchLayer>& layers, const TorchMlp& mlp,
                                  std::size_t inputs) {
  if (layers.empty()) throw Error(conversion.checkpoint.path, "the " + mlp.part + " has no layers");
  report_absent(conversion, layers, mlp);
  Builder builder(conversion, mlp);
  std::vector<Layer> built;
  for (const TorchLayer& names : layers) {
    const bool last = built.size() + 1 == layers.size();
    built.push_back(builder.build(names, built.empty() ? inputs : width_of(built.back()), built.empty(),
                                  last && mlp.ends_in_logit));
  }
  return built;
}

}  // namespace dinghy::converter
