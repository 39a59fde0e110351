// The DIN of zhongqiangwu960812/AI-RecommenderSystem, Rank/DIN/DeepCTRStyle: an attention for each history, raw
// weights.
#include <algorithm>

#include "converter/error.h"
#include "converter/presets/attention.h"
#include "converter/presets/features.h"
#include "converter/presets/inputs.h"
#include "converter/presets/keras_dense.h"
#include "converter/presets/keras_graph.h"
#include "converter/presets/keras_variables.h"
#include "converter/presets/layers.h"
#include "converter/presets/presets.h"
#include "converter/presets/tower_parts.h"
#include "converter/text/quotes.h"
#include "converter/text/suggestion.h"

namespace dinghy::converter {
namespace {

const std::string kTable = "emb_";  // DIN.py:56-58
const std::string kHistory = "hist_";
const std::string kPooling = "attention_pooling_layer";

// Features with a table, in the file's order, which Keras makes that of the feature columns.
std::vector<std::string> table_names(const Checkpoint& checkpoint) {
  std::vector<std::string> names;
  for (const Tensor& tensor : checkpoint.tensors) {
    if (!tensor.name.starts_with(kTable)) continue;
    names.push_back(tensor.name.substr(kTable.size(), tensor.name.find('/') - kTable.size()));
  }
  const auto graph = names.empty() ? keras_graph(checkpoint) : std::nullopt;
  for (const KerasLayer& layer : graph ? graph->layers : std::vector<KerasLayer>{}) {
    if (layer.class_name == "Embedding" && layer.name.starts_with(kTable))
      names.push_back(layer.name.substr(kTable.size()));
  }
  if (!names.empty()) return names;
  throw Error(
      checkpoint.path,
      "has lost the names of its tables, emb_…; put the text of model.to_json() beside it as model_config.json");
}

// Trap 22: tables of one width would change places without a complaint.
void order_names(const Conversion& conversion, std::vector<std::string>& names) {
  const auto& order = conversion.recipe.inputs.order;
  if (!order) return;
  for (const std::string& name : names) {
    if (name.starts_with(kHistory) || std::ranges::find(*order, name) != order->end()) continue;
    throw Error(conversion.recipe.where(), "[inputs] order leaves out the feature " + in_quotes(name));
  }
  std::ranges::stable_sort(names, {}, [&](const std::string& name) { return std::ranges::find(*order, name); });
}

std::string table_of(const Checkpoint& checkpoint, const std::string& name) {
  return keras_table(checkpoint, kTable + name);
}

// Numbers, then tables; the interests follow (DIN.py:217).
void add_features(Conversion& conversion, const std::vector<std::string>& names) {
  for (const NamedWidth& dense : dense_inputs(conversion, names)) {
    const format::Role role = role_of(conversion, dense.name, format::Role::user);
    add_feature_part(conversion.network, add_dense_feature(conversion, dense.name, role, dense.width));
  }
  std::vector<std::string> order;
  for (const std::string& name : names) {
    if (name.starts_with(kHistory)) continue;
    const bool compared = std::ranges::find(names, kHistory + name) != names.end();
    const format::Role assumed = compared ? format::Role::candidate : format::Role::user;
    const int table = add_table(conversion, table_of(conversion.checkpoint, name), name);
    add_feature_part(conversion.network, add_id_feature(conversion, name, role_of(conversion, name, assumed), table));
    order.push_back(name);
  }
  const bool lost = has_lost_order(conversion.checkpoint);
  conversion.found("order of the features", listed(order),
                   conversion.recipe.inputs.order ? Certainty::recipe
                   : lost                         ? Certainty::assumed
                                                  : Certainty::file);
}

// The layers of one attention, the one with the logit last. DIN.py:114 makes that one first, so it has the lowest
// number.
std::vector<std::string> attention_layers(const Checkpoint& checkpoint, const std::string& pooling) {
  const std::vector<std::string> units = keras_layers(checkpoint, pooling, "local_activation_unit");
  if (units.empty()) {
    std::vector<std::string> layers = keras_layer_list(checkpoint, pooling + "/local_att/dnn", "dense");
    if (!layers.empty() && !layers.front().ends_with("/dense"))
      throw Error(checkpoint.path,
                  "lacks " + pooling + "/local_att/dnn/dense, the attention's first layer; the file is incomplete");
    layers.push_back(pooling + "/local_att/linear");
    return layers;
  }
  std::vector<std::string> layers = keras_layer_list(checkpoint, units.front(), "dense");
  if (!layers.empty()) std::ranges::rotate(layers, layers.begin() + 1);
  return layers;
}

std::vector<Layer> take_layers(Conversion& conversion, const std::vector<std::string>& names, std::size_t inputs,
                               const std::string& part, const std::string& input) {
  if (names.size() < 2) throw Error(conversion.checkpoint.path, "lacks Dense layers of the " + part);
  std::vector<Layer> layers;
  for (std::size_t i = 0; i < names.size(); ++i) {
    layers.push_back(take_keras_dense(conversion, names[i], i == 0 ? inputs : width_of(layers.back()),
                                      i == 0 ? input : "the layer before"));
  }
  const Layer logit = std::move(layers.back());
  layers.pop_back();
  choose_keras_activation(conversion, layers, part, format::ActivationKind::relu);
  layers.push_back(logit);
  return layers;
}

// A history by name: "hist_movie_id" has the behaviours of "movie_id", and a table of its own.
void add_interest(Conversion& conversion, const std::string& history, const std::string& pooling) {
  const std::string name = history.substr(kHistory.size());
  const std::uint32_t feature = feature_index(conversion, name);
  put_in_history(conversion, feature, add_table(conversion, table_of(conversion.checkpoint, history), name));
  const std::size_t width = conversion.network.features[feature].width;
  Interest interest;
  interest.name = name;
  interest.fields = {{feature, feature}};
  interest.layers = take_layers(conversion, attention_layers(conversion.checkpoint, pooling), 4 * width, "attention",
                                "the attention's input");
  choose_normalizer(conversion, interest, false, Certainty::preset);  // DIN.py:158-164
  choose_scale(conversion, interest, ScaleRecipe{false, 1}, width);
  choose_empty(conversion, interest, format::EmptyHistory::zero, Certainty::preset);
  const auto index = static_cast<std::uint32_t>(conversion.network.interests.size());
  add_interest_part(conversion.network, index, width);
  conversion.network.interests.push_back(std::move(interest));
}

void add_interests(Conversion& conversion, const std::vector<std::string>& names) {
  std::vector<std::string> histories;
  std::ranges::copy_if(names, std::back_inserter(histories),
                       [](const std::string& name) { return name.starts_with(kHistory); });
  const std::vector<std::string> pooling = keras_layers(conversion.checkpoint, "", kPooling);
  if (histories.size() != pooling.size()) {
    throw Error(conversion.checkpoint.path, "has " + std::to_string(pooling.size()) +
                                                " attentions, but tables of the "
                                                "histories " +
                                                listed(histories));
  }
  for (std::size_t i = 0; i < histories.size(); ++i) add_interest(conversion, histories[i], pooling[i]);
}

void add_sequence(Conversion& conversion) {
  const Layer& first = conversion.network.interests.front().layers.front();
  const bool by_position = first.activation.kind == format::ActivationKind::prelu_position;
  add_history(conversion, by_position ? static_cast<std::uint32_t>(first.activation.alpha.size() / width_of(first)) : 0,
              by_position ? Certainty::file : Certainty::assumed);
}

void build(Conversion& conversion) {
  std::vector<std::string> names = table_names(conversion.checkpoint);
  order_names(conversion, names);
  add_features(conversion, names);
  add_interests(conversion, names);
  check_inputs(conversion);
  report_roles(conversion, roles_certainty(conversion), Certainty::file);
  add_sequence(conversion);
  conversion.network.tower =
      take_layers(conversion, keras_layer_list(conversion.checkpoint, "", "dense"), tower_width(conversion.network),
                  "tower", "its input of tables and [inputs] dense");
}

bool recognises(const Checkpoint& checkpoint) { return !keras_layers(checkpoint, "", kPooling).empty(); }

}  // namespace

extern const Preset kAiRecommenderSystem = {"ai-recommendersystem", "AI-RecommenderSystem", recognises, build,
                                            "attention_pooling_layer/local_activation_unit/dense/kernel"};

}  // namespace dinghy::converter
