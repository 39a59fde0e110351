// The DIN of torch-rechub: torch_rechub/models/ranking/din.py.
#include <algorithm>

#include "converter/presets/codes/torch_rechub_columns.h"
#include "converter/presets/presets.h"
#include "converter/presets/torch_mlp.h"
#include "converter/text/suggestion.h"

namespace dinghy::converter {
namespace {

constexpr double kDiceEpsilon = 1e-3;  // basic/activation.py:10

// The tables of the histories lie behind those of the features.
std::vector<TableRecipe> tables(const TorchRechubColumns& columns) {
  std::vector<TableRecipe> tables;
  const auto add = [&](const std::string& name) {
    if (std::ranges::find(tables, name, &TableRecipe::name) != tables.end()) return;
    tables.push_back({.name = name, .tensor = torch_rechub_table(name)});
  };
  for (const std::string& name : columns.distinct()) add(name);
  for (const std::string& name : columns.histories) add(name);
  return tables;
}

std::vector<FeatureRecipe> features(const TorchRechubColumns& columns) {
  std::vector<FeatureRecipe> features;
  for (const std::string& name : columns.distinct()) {
    FeatureRecipe& feature = features.emplace_back();
    feature.name = feature.table = name;
    feature.role = {format::Role::user, Certainty::assumed};
    const auto place = static_cast<std::size_t>(std::ranges::find(columns.targets, name) - columns.targets.begin());
    if (place >= columns.histories.size()) continue;
    feature.role.value = format::Role::candidate;
    feature.in_history = {true, columns.certainty};
    if (columns.histories[place] != name) feature.history_table = columns.histories[place];
    feature.pad_row = {0, Certainty::preset};
  }
  return features;
}

std::vector<LayerRecipe> mlp(const Conversion& conversion, const std::string& prefix, const std::string& part) {
  TorchMlp mlp;
  mlp.part = part;
  mlp.ends_in_logit = true;
  mlp.batch_norm = TorchNorm::always;  // basic/layers.py, MLP
  mlp.dice = TorchDice::row;
  mlp.dice_epsilon = kDiceEpsilon;
  const Checkpoint& checkpoint = conversion.checkpoint;
  return describe_torch_mlp(conversion, torch_layers(checkpoint, sequential_modules(checkpoint, prefix)), mlp);
}

// Every history has an attention layer of its own on one pair of fields.
std::vector<InterestRecipe> interests(const Conversion& conversion, const TorchRechubColumns& columns) {
  std::vector<InterestRecipe> interests;
  for (std::size_t i = 0; i < columns.histories.size(); ++i) {
    const std::string& target = columns.targets[i];
    InterestRecipe& interest = interests.emplace_back();
    interest.name = "interest in " + target;
    interest.fields = {{target, target}};
    interest.parts = {"q", "k", "q-k", "q*k"};
    interest.layers = mlp(conversion, "attention_layers." + std::to_string(i) + ".attention.mlp", "attention");
    interest.normalizer = {format::Normalizer::raw, Certainty::assumed};
    interest.scale.certainty = Certainty::preset;
    interest.pads = {format::Pads::attend, Certainty::preset};
    interest.empty = {format::EmptyHistory::zero, Certainty::preset};
  }
  return interests;
}

// [interests, targets, features]
TowerPartsRecipe tower(const Conversion& conversion, const TorchRechubColumns& columns,
                       const std::vector<InterestRecipe>& interests) {
  TowerPartsRecipe tower;
  for (const InterestRecipe& interest : interests) {
    tower.inputs.push_back({{{.name = interest.name, .of = VectorRecipe::Of::interest}}});
  }
  for (const std::string& name : columns.targets) tower.inputs.push_back({{{.name = name}}});
  for (const std::string& name : columns.features) tower.inputs.push_back({{{.name = name}}});
  tower.layers = mlp(conversion, "mlp.mlp", "tower");
  return tower;
}

void report(Conversion& conversion, const TorchRechubColumns& columns) {
  if (columns.shared) {
    conversion.found("tables of the histories", "those of " + listed(columns.histories) + ", as with shared_with",
                     Certainty::assumed);
  }
  const bool twice = columns.features.size() + columns.targets.size() > columns.distinct().size();
  conversion.found("input of the tower",
                   "interests, " + listed(columns.targets) +
                       (columns.features.empty() ? "" : (twice ? ", and again " : ", ") + listed(columns.features)),
                   columns.certainty);
}

NetworkRecipe describe(Conversion& conversion) {
  const TorchRechubColumns columns = torch_rechub_columns(conversion);
  report(conversion, columns);
  NetworkRecipe network;
  network.tables = tables(columns);
  network.features = features(columns);
  network.interests = interests(conversion, columns);
  network.tower = tower(conversion, columns, network.interests);
  network.head.link.certainty = Certainty::preset;
  return network;
}

bool recognises(const Checkpoint& checkpoint) {
  return checkpoint.find("attention_layers.0.attention.mlp.0.weight") && checkpoint.find("mlp.mlp.0.weight");
}

}  // namespace

extern const Preset kTorchRechub = {.name = "torch-rechub",
                                    .package = "torch-rechub",
                                    .recognises = recognises,
                                    .signature = "attention_layers.0.attention.mlp.0.weight, mlp.mlp.0.weight",
                                    .describe = describe};

}  // namespace dinghy::converter
