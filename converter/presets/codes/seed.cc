// The Keras DIN whose attention is the one of the project's notes: an optional query layer with PReLU, [q, k, q-k, q*k]
// through layers with Dice, masked with -2^32 + 1, divided by sqrt(key width), softmax, weighted sum.
#include <algorithm>

#include "converter/error.h"
#include "converter/presets/activation_setting.h"
#include "converter/presets/attention.h"
#include "converter/presets/features.h"
#include "converter/presets/inputs.h"
#include "converter/presets/keras_graph.h"
#include "converter/presets/keras_variables.h"
#include "converter/presets/layers.h"
#include "converter/presets/presets.h"
#include "converter/presets/tower_parts.h"
#include "converter/text/number_text.h"
#include "converter/text/quotes.h"
#include "converter/text/suggestion.h"

namespace dinghy::converter {
namespace {

constexpr double kDiceEpsilon = 1e-9;
const std::string kTableSuffix = "_emb";

std::vector<std::string> table_names(const Checkpoint& checkpoint) {
  std::vector<std::string> names;
  for (const Tensor& tensor : checkpoint.tensors) {
    for (const std::string variable : {"/embeddings", "/vars/0"}) {
      const std::string suffix = kTableSuffix + variable;
      if (tensor.name.ends_with(suffix)) names.push_back(tensor.name.substr(0, tensor.name.size() - suffix.size()));
    }
  }
  return names;
}

bool is_user(const std::string& name) { return name.starts_with("user"); }

// As the configuration puts the tables' vectors side by side for the first layer of the tower.
std::vector<std::string> order_in_graph(const KerasGraph& graph) {
  std::vector<std::string> names;
  const KerasOutput input = graph.inputs_of({"top_0", 0}).front();
  for (const KerasOutput& source : graph.sources_of(input, {"Concatenate", "Flatten", "Reshape"})) {
    if (!source.layer.ends_with(kTableSuffix)) continue;
    names.push_back(source.layer.substr(0, source.layer.size() - kTableSuffix.size()));
  }
  return names;
}

// Neither files that sort by name nor those of Keras, which sort layers by their depth, tell the tower's input.
bool has_no_order(const Checkpoint& checkpoint) {
  return has_lost_order(checkpoint) || checkpoint.format.starts_with("keras");
}

// Trap 22: tables of one width would be swapped without a complaint. The network's own code puts the user first, then
// the item, then what else it has.
void restore_order(Conversion& conversion, std::vector<std::string>& names) {
  std::vector<std::string> order = named_inputs(conversion.recipe.inputs);
  Certainty certainty = Certainty::recipe;
  if (order.empty()) {
    if (const auto graph = keras_graph(conversion.checkpoint)) {
      order = order_in_graph(*graph);
      certainty = graph->certainty;
    } else if (!has_no_order(conversion.checkpoint)) {
      return conversion.found("order of the features", listed(names), Certainty::file);
    }
  }
  const auto place = [&](const std::string& name) {
    if (order.empty()) return is_user(name) ? std::ptrdiff_t{0} : name == "item" ? 1 : 2;
    return std::ranges::find(order, name) - order.begin();
  };
  std::ranges::stable_sort(names, {}, place);
  conversion.found("order of the features", listed(names), order.empty() ? Certainty::assumed : certainty);
}

// Without a recipe "user…" is of the user and the rest is an item; the key width then shows whether that holds.
bool in_history(const Conversion& conversion, const std::string& name) {
  const auto& history = conversion.recipe.inputs.history;
  return history ? std::ranges::find(*history, name) != history->end() : !is_user(name);
}

void add_features(Conversion& conversion) {
  std::vector<std::string> names = table_names(conversion.checkpoint);
  restore_order(conversion, names);
  for (const std::string& name : names) {
    const bool item = in_history(conversion, name);
    const int table = add_table(conversion, keras_embeddings(conversion.checkpoint, name + kTableSuffix), name);
    const format::Role assumed = item ? format::Role::candidate : format::Role::user;
    const std::uint32_t feature = add_id_feature(conversion, name, role_of(conversion, name, assumed), table);
    if (item) put_in_history(conversion, feature, table);
  }
  check_inputs(conversion);
  report_roles(conversion, roles_certainty(conversion),
               conversion.recipe.inputs.history ? Certainty::recipe : Certainty::assumed);
}

// Dice or PReLU where the checkpoint has their tensors beside the layer, else what the recipe or the code says.
class Mlp {
 public:
  Mlp(Conversion& conversion, std::string part, std::optional<format::ActivationKind> by_recipe)
      : conversion_(conversion), part_(std::move(part)), by_recipe_(by_recipe) {}

  /// Layers `prefix`0, `prefix`1, …, with Dice in `dice`0, … and PReLU in `prelu`0, …
  std::vector<Layer> take(const std::string& prefix, const std::string& dice, const std::string& prelu,
                          std::size_t inputs) {
    std::vector<Layer> layers;
    for (std::size_t i = 0; i == 0 || has(kernel_of(prefix + std::to_string(i))); ++i) {
      const std::string number = std::to_string(i);
      const std::string what = i == 0 ? "the input of the " + part_ : "the layer before";
      layers.push_back(take_linear(conversion_.claims, kernel_of(prefix + number),
                                   keras_bias(conversion_.checkpoint, prefix + number), WeightLayout::in_out,
                                   i == 0 ? inputs : width_of(layers.back()), what));
      layers.back().activation = activation(dice + number, prelu + number, width_of(layers.back()), i == 0);
    }
    return layers;
  }

 private:
  bool has(const std::string& tensor) const { return conversion_.claims.has(tensor); }
  std::string kernel_of(const std::string& layer) const { return keras_kernel(conversion_.checkpoint, layer); }

  // In Keras' own files the statistics lie in a layer "bn" inside Dice.
  NormRecipe norm_of(const std::string& dice, double epsilon) const {
    const auto statistic = [&](const char* name, int number) {
      const std::string own = dice + "/" + name;
      return has(own) ? own : keras_variable(conversion_.checkpoint, dice + "/bn", name, number);
    };
    return {"", "", statistic("moving_mean", 0), statistic("moving_variance", 1), epsilon};
  }

  Activation activation(const std::string& dice, const std::string& prelu, std::size_t width, bool report) {
    const std::string subject = "activation of the " + part_;
    const std::string dice_alpha = keras_variable(conversion_.checkpoint, dice, "alpha", 0);
    const std::string prelu_alpha = keras_variable(conversion_.checkpoint, prelu, "alpha", 0);
    if (has(dice_alpha)) {
      refuse_activation(conversion_, by_recipe_, part_, "Dice");
      const auto [epsilon, sure] = conversion_.decide(conversion_.recipe.epsilon.dice, kDiceEpsilon, Certainty::preset);
      const RecipeLine line{"epsilon", "dice = " + number_text(epsilon)};
      if (report) conversion_.found(subject, "Dice, epsilon " + number_text(epsilon), sure, line);
      return take_dice(conversion_.claims, dice_alpha, norm_of(dice, epsilon), width);
    }
    if (has(prelu_alpha)) {
      refuse_activation(conversion_, by_recipe_, part_, "PReLU");
      if (report) conversion_.found(subject, "PReLU", Certainty::file);
      return take_prelu(conversion_.claims, prelu_alpha, width);
    }
    const auto [kind, sure] = conversion_.decide(by_recipe_, format::ActivationKind::sigmoid, Certainty::assumed);
    const RecipeLine line{part_, "activation = " + json_string(format::EnumNameActivationKind(kind))};
    if (report) conversion_.found(subject, format::EnumNameActivationKind(kind), sure, line);
    return plain_activation(kind);
  }

  Conversion& conversion_;
  std::string part_;
  std::optional<format::ActivationKind> by_recipe_;
};

Layer take_layer(Conversion& conversion, const std::string& layer, std::size_t inputs, const std::string& what) {
  return take_linear(conversion.claims, keras_kernel(conversion.checkpoint, layer),
                     keras_bias(conversion.checkpoint, layer), WeightLayout::in_out, inputs, what);
}

std::vector<Layer> take_query_layers(Conversion& conversion, std::size_t width) {
  const std::string query = "attention/query";
  if (!conversion.claims.has(keras_kernel(conversion.checkpoint, query))) return {};
  Layer layer = take_layer(conversion, query, width, "the query");
  const std::string alpha = keras_variable(conversion.checkpoint, query + "_prelu", "alpha", 0);
  if (conversion.claims.has(alpha)) layer.activation = take_prelu(conversion.claims, alpha, width_of(layer));
  conversion.found("query layer", std::to_string(width) + " to " + std::to_string(width_of(layer)), Certainty::file);
  return {layer};
}

std::uint32_t add_interest(Conversion& conversion) {
  Interest interest;
  std::uint32_t width = 0;
  for (std::uint32_t i = 0; i < conversion.network.features.size(); ++i) {
    if (conversion.network.features[i].sequence < 0) continue;
    interest.fields.push_back({i, i});
    width += conversion.network.features[i].width;
  }
  interest.query_layers = take_query_layers(conversion, width);
  interest.layers = Mlp(conversion, "attention", conversion.recipe.attention.activation)
                        .take("attention/ffn_", "attention/dice_", "attention/prelu_", 4 * width);
  interest.layers.push_back(
      take_layer(conversion, "attention/score", width_of(interest.layers.back()), "the layer before"));
  choose_normalizer(conversion, interest, true, Certainty::preset);
  choose_scale(conversion, interest, ScaleRecipe{true, 1}, width);
  choose_empty(conversion, interest, format::EmptyHistory::pad_row, Certainty::preset);
  conversion.network.interests.push_back(std::move(interest));
  return width;
}

void add_tower(Conversion& conversion, std::uint32_t key_width) {
  Network& network = conversion.network;
  for (std::uint32_t i = 0; i < network.features.size(); ++i) add_feature_part(network, i);
  add_interest_part(network, 0, key_width);
  network.tower = Mlp(conversion, "tower", conversion.recipe.tower.activation)
                      .take("top_", "top_dice_", "top_prelu_", tower_width(network));
  network.tower.push_back(take_layer(conversion, "logit", width_of(network.tower.back()), "the layer before"));
}

// Trap 38: such a file would score with layers drawn at random, were it only read back into a model.
void require_listed_layers(const Conversion& conversion) {
  if (conversion.claims.has(keras_kernel(conversion.checkpoint, "attention/ffn_0"))) return;
  throw Error(conversion.checkpoint.path,
              "lacks the layers attention/ffn_0 and on: tf.train.Checkpoint leaves out what a Keras 3 model keeps in "
              "Python lists; save it with model.save_weights(\"din.weights.h5\")");
}

void build(Conversion& conversion) {
  require_listed_layers(conversion);
  add_features(conversion);
  add_history(conversion);
  add_tower(conversion, add_interest(conversion));
}

bool recognises(const Checkpoint& checkpoint) {
  return checkpoint.find(keras_kernel(checkpoint, "attention/score")) &&
         checkpoint.find(keras_kernel(checkpoint, "top_0"));
}

}  // namespace

extern const Preset kSeed = {"seed", "Keras DIN", recognises, build, "attention/score/kernel, top_0/kernel"};

}  // namespace dinghy::converter
