// The Keras DIN whose attention is the one of the project's notes: an optional query layer with PReLU, [q, k, q-k, q*k]
// through layers with Dice, masked with -2^32 + 1, divided by sqrt(key width), softmax, weighted sum.
#include <algorithm>

#include "converter/error.h"
#include "converter/presets/attention.h"
#include "converter/presets/codes/seed_layers.h"
#include "converter/presets/codes/seed_tower.h"
#include "converter/presets/features.h"
#include "converter/presets/inputs.h"
#include "converter/presets/keras_graph.h"
#include "converter/presets/keras_variables.h"
#include "converter/presets/layers.h"
#include "converter/presets/presets.h"
#include "converter/presets/tower_parts.h"
#include "converter/text/suggestion.h"

namespace dinghy::converter {
namespace {

const std::string kTableSuffix = "_emb";

std::vector<std::string> table_names(const Checkpoint& checkpoint) {
  std::vector<std::string> names;
  for (const Tensor& tensor : checkpoint.tensors) {
    for (const std::string variable : {"/embeddings", "/vars/0"}) {
      const std::string suffix = kTableSuffix + variable;
      if (!tensor.name.ends_with(suffix)) continue;
      const std::string name = tensor.name.substr(0, tensor.name.size() - suffix.size());
      // The object graph of Keras 3 has the layer's own name twice: user_emb/user_emb/embeddings.
      const std::string last = name.substr(name.rfind('/') + 1);
      names.push_back(name == last + kTableSuffix + "/" + last ? last : name);
    }
  }
  return names;
}

bool is_user(const std::string& name) { return name.starts_with("user"); }

// What may stand between the tables and the first layer.
const std::vector<std::string> kTransparent = {"Concatenate", "Flatten", "Reshape", "BatchNormalization", "Dropout"};

// As the configuration puts the tables' vectors side by side for the first layer of the tower.
std::vector<std::string> order_in_graph(const KerasGraph& graph) {
  std::vector<std::string> names;
  const KerasOutput input = graph.inputs_of({"top_0", 0}).front();
  for (const KerasOutput& source : graph.sources_of(input, kTransparent)) {
    if (!source.layer.ends_with(kTableSuffix)) continue;
    names.push_back(source.layer.substr(0, source.layer.size() - kTableSuffix.size()));
  }
  return names;
}

// Neither files that sort by name nor files and object graphs of Keras, which sort layers by their depth, tell the
// tower's input.
bool has_no_order(const Checkpoint& checkpoint) {
  return has_lost_order(checkpoint) || checkpoint.format.starts_with("keras") ||
         checkpoint.format.starts_with("tensorflow");
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

std::vector<Layer> take_query_layers(Conversion& conversion, std::size_t width) {
  const std::string query = "attention/query";
  if (!conversion.claims.has(keras_kernel(conversion.checkpoint, query))) return {};
  Layer layer = SeedLayers(conversion, "query", {}).linear(query, width, "the query");
  const std::string alpha = keras_variable(conversion.checkpoint, query + "_prelu", "alpha", 0);
  if (conversion.claims.has(alpha)) {
    layer.activation = take_prelu(conversion.claims, alpha, width_of(layer));
  } else {
    conversion.found("activation of the query layer", "none: there is no alpha of a PReLU", Certainty::assumed);
  }
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
  SeedLayers unit(conversion, "attention", conversion.recipe.attention.activation);
  interest.layers = unit.take("attention/ffn_", "attention/dice_", "attention/prelu_", 4 * width);
  interest.layers.push_back(unit.linear("attention/score", width_of(interest.layers.back()), "the layer before"));
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
  network.tower = take_seed_tower(conversion, tower_width(network));
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
