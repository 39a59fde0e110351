// The DIN of DeepCTR-Torch 0.2 and 0.3: deepctr_torch/models/din.py.
#include <algorithm>

#include "converter/error.h"
#include "converter/presets/codes/deepctr_torch_columns.h"
#include "converter/presets/facts.h"
#include "converter/presets/presets.h"
#include "converter/presets/torch_mlp.h"

namespace dinghy::converter {
namespace {

constexpr double kDiceEpsilon = 1e-8;  // layers/activation.py: nn.BatchNorm1d(emb_size, eps=epsilon)
constexpr std::uint64_t kExactFloatIds = 1 << 24;

std::string table_tensor(const std::string& table) { return "embedding_dict." + table + ".weight"; }

// One DNN of the package, linear, batch norm, activation in three lists, and the layer to one logit behind it.
// `assumed`: the activation where neither tensors nor a class tell.
std::vector<LayerRecipe> dnn(const Conversion& conversion, const std::string& prefix, const std::string& part,
                             format::ActivationKind assumed, LayerRecipe logit) {
  const auto has = [&](const std::string& tensor) { return conversion.checkpoint.find(tensor) != nullptr; };
  std::vector<TorchLayer> layers;
  for (std::size_t i = 0;; ++i) {
    const std::string number = "." + std::to_string(i);
    const std::string linear = prefix + ".linears" + number, norm = prefix + ".bn" + number;
    if (!has(linear + ".weight")) break;
    layers.push_back({"", linear, has(norm + ".running_mean") ? norm : "", prefix + ".activation_layers" + number});
  }
  TorchMlp mlp;
  mlp.part = part;
  mlp.assumed = assumed;
  mlp.dice_epsilon = kDiceEpsilon;
  if (part == "attention") mlp.batch_norm = TorchNorm::never;
  std::vector<LayerRecipe> described = describe_torch_mlp(conversion, layers, mlp);
  described.push_back(std::move(logit));
  return described;
}

// embedding_dict has those of the history behind all others.
std::vector<TableRecipe> tables(const DeepctrTorchColumns& columns) {
  std::vector<TableRecipe> tables;
  const auto add = [&](const std::string& table) {
    if (std::ranges::find(tables, table, &TableRecipe::name) != tables.end()) return;
    tables.push_back({.name = table, .tensor = table_tensor(table)});
  };
  for (const DeepctrTorchColumns::Sparse& sparse : columns.sparse) add(sparse.table);
  for (const DeepctrTorchColumns::History& history : columns.history) add(history.table);
  return tables;
}

FeatureRecipe id_feature(const DeepctrTorchColumns& columns, const DeepctrTorchColumns::Sparse& sparse) {
  FeatureRecipe feature{.name = sparse.name,
                        .role = {format::Role::user, Certainty::assumed},
                        .table = sparse.table,
                        .pad_row = {0, Certainty::preset}};
  const auto history = std::ranges::find(columns.history, sparse.name, &DeepctrTorchColumns::History::feature);
  if (history == columns.history.end()) return feature;
  feature.role.value = format::Role::candidate;
  feature.in_history = {true, columns.certainty};
  if (history->table != sparse.table) feature.history_table = history->table;
  return feature;
}

std::vector<FeatureRecipe> features(const DeepctrTorchColumns& columns) {
  std::vector<FeatureRecipe> features;
  for (const DeepctrTorchColumns::Sparse& sparse : columns.sparse) features.push_back(id_feature(columns, sparse));
  for (const DeepctrTorchColumns::Dense& dense : columns.dense) {
    // The one role that never is wrong: a number of the user may come with every candidate.
    features.push_back(
        {.name = dense.name, .role = {format::Role::candidate, Certainty::assumed}, .dense = dense.width});
  }
  return features;
}

void report_rounded_ids(Conversion& conversion, const std::vector<TableRecipe>& tables) {
  for (const TableRecipe& table : tables) {
    const Tensor* rows = conversion.checkpoint.find(table.tensor);
    if (!rows || rows->shape.empty() || static_cast<std::uint64_t>(rows->shape[0]) <= kExactFloatIds) continue;
    conversion.found("ids of " + table.name, "the package rounds ids above 2^24, Dinghy does not", Certainty::preset);
  }
}

InterestRecipe interest(const Conversion& conversion, const DeepctrTorchColumns& columns) {
  InterestRecipe interest;
  // The query follows the order of the sparse columns, the keys that of the history columns.
  for (const DeepctrTorchColumns::Sparse& sparse : columns.sparse) {
    const bool compared = std::ranges::find(columns.history, sparse.name, &DeepctrTorchColumns::History::feature) !=
                          columns.history.end();
    if (compared) interest.fields.push_back({sparse.name, columns.history.at(interest.fields.size()).feature});
  }
  interest.parts = {"q", "k", "q-k", "q*k"};
  // Up to 0.2.3 the package ignored att_activation and took sigmoid, the only one without a tensor but relu.
  interest.layers = dnn(conversion, "attention.local_att.dnn", "attention", format::ActivationKind::sigmoid,
                        {.weight = "attention.local_att.dense.weight", .bias = "attention.local_att.dense.bias"});
  const std::string* softmax = find_fact(conversion.checkpoint, "attention.weight_normalization");
  interest.normalizer = {softmax && *softmax == "true" ? format::Normalizer::softmax : format::Normalizer::raw,
                         softmax ? Certainty::file : Certainty::assumed};
  interest.scale.certainty = Certainty::preset;
  interest.empty.certainty = Certainty::preset;
  return interest;
}

TowerPartsRecipe tower(const Conversion& conversion, const DeepctrTorchColumns& columns) {
  TowerPartsRecipe tower;
  for (const DeepctrTorchColumns::Sparse& sparse : columns.sparse) tower.inputs.push_back({{{.name = sparse.name}}});
  tower.inputs.push_back({{{.name = "interest", .of = VectorRecipe::Of::interest}}});
  for (const DeepctrTorchColumns::Dense& dense : columns.dense) tower.inputs.push_back({{{.name = dense.name}}});
  tower.layers = dnn(conversion, "dnn", "tower", format::ActivationKind::relu,
                     {.weight = "dnn_linear.weight", .bias = "out.bias"});
  return tower;
}

// Dense features have no tensor of their own: they are what the first tower layer takes beyond vectors and interest.
void check_dense_width(const Conversion& conversion, const std::vector<FeatureRecipe>& features) {
  const Tensor* first = conversion.checkpoint.find("dnn.linears.0.weight");
  if (!first || first->shape.size() != 2) return;
  std::int64_t known = 0, dense = 0;
  for (const FeatureRecipe& feature : features) {
    dense += feature.dense;
    const Tensor* table = conversion.checkpoint.find(table_tensor(feature.table));
    if (table && table->shape.size() == 2) known += table->shape[1] * (feature.in_history.value ? 2 : 1);
  }
  const std::int64_t missing = first->shape[1] - known;
  if (missing == dense || missing < 0) return;
  const bool has_recipe = !conversion.recipe.path.empty();
  throw Error(has_recipe ? conversion.recipe.path : conversion.checkpoint.path,
              "the tower takes " + std::to_string(missing) + " dense numbers, but " + std::to_string(dense) +
                  " are named; name them in [inputs] of " + (has_recipe ? "the" : "a") +
                  " recipe, in the list of their role, wide ones also as dense = [\"name:width\"]");
}

NetworkRecipe describe(Conversion& conversion) {
  const DeepctrTorchColumns columns =
      holds_columns(conversion.checkpoint) ? columns_of_module(conversion.checkpoint) : columns_of_tables(conversion);
  NetworkRecipe network;
  network.histories[0].max_length = {columns.max_length, columns.max_length > 0 ? Certainty::file : Certainty::assumed};
  network.tables = tables(columns);
  network.features = features(columns);
  check_dense_width(conversion, network.features);
  report_rounded_ids(conversion, network.tables);
  network.interests = {interest(conversion, columns)};
  network.tower = tower(conversion, columns);
  const std::string* task = find_fact(conversion.checkpoint, "out.task");
  network.head.link = {task && *task == "regression" ? format::Link::identity : format::Link::sigmoid,
                       task ? Certainty::file : Certainty::assumed};
  return network;
}

bool recognises(const Checkpoint& checkpoint) { return checkpoint.find("attention.local_att.dense.weight") != nullptr; }

}  // namespace

extern const Preset kDeepctrTorch = {.name = "deepctr-torch",
                                     .package = "DeepCTR-Torch",
                                     .recognises = recognises,
                                     .signature = "attention.local_att.dense.weight",
                                     .describe = describe};

}  // namespace dinghy::converter
