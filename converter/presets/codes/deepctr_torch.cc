// The DIN of DeepCTR-Torch 0.2 and 0.3: deepctr_torch/models/din.py.
#include <algorithm>
#include <map>

#include "converter/error.h"
#include "converter/presets/attention.h"
#include "converter/presets/codes/deepctr_torch_columns.h"
#include "converter/presets/facts.h"
#include "converter/presets/features.h"
#include "converter/presets/head.h"
#include "converter/presets/inputs.h"
#include "converter/presets/layers.h"
#include "converter/presets/presets.h"
#include "converter/presets/torch_mlp.h"
#include "converter/presets/tower_parts.h"
#include "converter/text/quotes.h"

namespace dinghy::converter {
namespace {

constexpr double kDiceEpsilon = 1e-8;  // layers/activation.py: nn.BatchNorm1d(emb_size, eps=epsilon)
constexpr std::uint64_t kExactFloatIds = 1 << 24;

std::string table_tensor(const std::string& table) { return "embedding_dict." + table + ".weight"; }

// One DNN of the package: linear, batch norm, activation, in three lists. `assumed`: without tensors or a class.
std::vector<Layer> take_dnn(Conversion& conversion, const std::string& prefix, const std::string& part,
                            const std::optional<format::ActivationKind>& by_recipe, format::ActivationKind assumed,
                            std::size_t inputs) {
  std::vector<TorchLayer> layers;
  for (std::size_t i = 0;; ++i) {
    const std::string number = "." + std::to_string(i);
    const std::string linear = prefix + ".linears" + number, norm = prefix + ".bn" + number;
    if (!conversion.claims.has(linear + ".weight")) break;
    layers.push_back({"", linear, conversion.claims.has(norm + ".running_mean") ? norm : "",
                      prefix + ".activation_layers" + number});
  }
  TorchMlp mlp;
  mlp.part = part;
  mlp.by_recipe = by_recipe;
  mlp.assumed = assumed;
  mlp.dice_epsilon = kDiceEpsilon;
  if (part == "attention") mlp.batch_norm = TorchNorm::never;
  return take_torch_mlp(conversion, layers, mlp, inputs);
}

void add_features(Conversion& conversion, const DeepctrTorchColumns& columns) {
  std::map<std::string, int> tables;
  const auto table_of = [&](const std::string& table, const std::string& feature) {
    const auto known = tables.find(table);
    if (known != tables.end()) return known->second;
    return tables[table] = add_table(conversion, table_tensor(table), feature);
  };
  const auto in_history = [&](const std::string& name) {
    return std::ranges::find(columns.history, name, &DeepctrTorchColumns::History::feature) != columns.history.end();
  };
  for (const DeepctrTorchColumns::Sparse& sparse : columns.sparse) {
    const format::Role assumed = in_history(sparse.name) ? format::Role::candidate : format::Role::user;
    add_id_feature(conversion, sparse.name, role_of(conversion, sparse.name, assumed),
                   table_of(sparse.table, sparse.name));
  }
  for (const DeepctrTorchColumns::History& history : columns.history) {
    put_in_history(conversion, feature_index(conversion, history.feature), table_of(history.table, history.feature));
  }
  for (const DeepctrTorchColumns::Dense& dense : columns.dense) {
    // The one role that never is wrong: a number of the user may come with every candidate.
    add_dense_feature(conversion, dense.name, role_of(conversion, dense.name, format::Role::candidate), dense.width);
  }
  for (const Table& table : conversion.network.tables) {
    if (static_cast<std::uint64_t>(table.source.shape[0]) <= kExactFloatIds) continue;
    conversion.found("ids of " + table.name, "the package rounds ids above 2^24, Dinghy does not", Certainty::preset);
  }
}

// The query follows the order of the sparse columns, the keys that of the history columns.
std::vector<Field> fields_of(const Conversion& conversion, const DeepctrTorchColumns& columns) {
  const std::vector<Feature>& features = conversion.network.features;
  std::vector<Field> fields;
  for (std::uint32_t query = 0; query < features.size(); ++query) {
    if (features[query].sequence < 0) continue;
    const std::uint32_t key = feature_index(conversion, columns.history.at(fields.size()).feature);
    if (features[query].width != features[key].width) {
      throw Error(conversion.checkpoint.path, "the history's columns come in another order than the candidate's, so " +
                                                  in_quotes(features[query].name) + " would be compared with " +
                                                  in_quotes(features[key].name));
    }
    fields.push_back({query, key});
  }
  return fields;
}

void add_interest(Conversion& conversion, const DeepctrTorchColumns& columns) {
  Interest interest;
  interest.fields = fields_of(conversion, columns);
  const std::uint32_t width = key_width(conversion.network, interest.fields);
  // Up to 0.2.3 the package ignored att_activation and took sigmoid, the only one without a tensor but relu.
  interest.layers = take_dnn(conversion, "attention.local_att.dnn", "attention", conversion.recipe.attention.activation,
                             format::ActivationKind::sigmoid, 4 * width);
  interest.layers.push_back(take_linear(conversion.claims, "attention.local_att.dense.weight",
                                        "attention.local_att.dense.bias", WeightLayout::out_in,
                                        width_of(interest.layers.back()), "the layer before"));
  const std::string* softmax = find_fact(conversion.checkpoint, "attention.weight_normalization");
  choose_normalizer(conversion, interest, softmax && *softmax == "true",
                    softmax ? Certainty::file : Certainty::assumed);
  choose_scale(conversion, interest, ScaleRecipe{}, width);
  // The masked logits of a history without behaviours are all equal: softmax averages the rows of padding.
  choose_empty(
      conversion, interest,
      interest.normalizer == format::Normalizer::softmax ? format::EmptyHistory::pad_row : format::EmptyHistory::zero,
      Certainty::preset);
  conversion.network.interests.push_back(std::move(interest));
}

void add_tower(Conversion& conversion) {
  Network& network = conversion.network;
  const auto add_features_of = [&](format::FeatureKind kind) {
    for (std::uint32_t i = 0; i < network.features.size(); ++i) {
      if (network.features[i].kind == kind) add_feature_part(network, i);
    }
  };
  add_features_of(format::FeatureKind::id);
  add_interest_part(network, 0, key_width(network, network.interests[0].fields));
  add_features_of(format::FeatureKind::dense);
  network.tower = take_dnn(conversion, "dnn", "tower", conversion.recipe.tower.activation, format::ActivationKind::relu,
                           tower_width(network));
  network.tower.push_back(take_linear(conversion.claims, "dnn_linear.weight", "out.bias", WeightLayout::out_in,
                                      width_of(network.tower.back()), "the layer before"));
  const std::string* task = find_fact(conversion.checkpoint, "out.task");
  choose_link(conversion, task && *task == "regression" ? format::Link::identity : format::Link::sigmoid,
              task ? Certainty::file : Certainty::assumed);
}

// Dense features have no tensor of their own: they are what the first tower layer takes beyond vectors and interest.
void check_dense_width(const Conversion& conversion) {
  const Tensor* first = conversion.checkpoint.find("dnn.linears.0.weight");
  if (!first || first->shape.size() != 2) return;
  std::int64_t known = 0, dense = 0;
  for (const Feature& feature : conversion.network.features) {
    if (feature.kind == format::FeatureKind::dense)
      dense += feature.width;
    else
      known += feature.width * (feature.sequence >= 0 ? 2 : 1);
  }
  const std::int64_t missing = first->shape[1] - known;
  if (missing == dense || missing < 0) return;
  const bool has_recipe = !conversion.recipe.path.empty();
  throw Error(has_recipe ? conversion.recipe.path : conversion.checkpoint.path,
              "the tower takes " + std::to_string(missing) + " dense numbers, but " + std::to_string(dense) +
                  " are named; name them in [inputs] of " + (has_recipe ? "the" : "a") +
                  " recipe, in the list of their role, wide ones also as dense = [\"name:width\"]");
}

void build(Conversion& conversion) {
  const DeepctrTorchColumns columns =
      holds_columns(conversion.checkpoint) ? columns_of_module(conversion.checkpoint) : columns_of_tables(conversion);
  add_features(conversion, columns);
  check_inputs(conversion);
  report_roles(conversion, roles_certainty(conversion), columns.certainty);
  check_dense_width(conversion);
  add_history(conversion, columns.max_length, columns.max_length > 0 ? Certainty::file : Certainty::assumed);
  add_interest(conversion, columns);
  add_tower(conversion);
}

bool recognises(const Checkpoint& checkpoint) { return checkpoint.find("attention.local_att.dense.weight") != nullptr; }

}  // namespace

extern const Preset kDeepctrTorch = {"deepctr-torch", "DeepCTR-Torch", recognises, build,
                                     "attention.local_att.dense.weight"};

}  // namespace dinghy::converter
