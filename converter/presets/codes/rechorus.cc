// The DIN of ReChorus: src/models/context_seq/DIN.py.
#include "converter/error.h"
#include "converter/presets/features.h"
#include "converter/presets/inputs.h"
#include "converter/presets/presets.h"
#include "converter/presets/torch_mlp.h"

namespace dinghy::converter {
namespace {

constexpr double kDiceEpsilon = 1e-8;  // src/utils/layers.py:259
const std::string kTables = "embedding_dict.";
const std::string kWeight = ".weight";

// DIN.py:52: columns of these names have a table, others are one number through a layer without bias.
bool has_table(const std::string& name) { return name.ends_with("_c") || name.ends_with("_id"); }

format::Role role_by_name(const std::string& name) {
  if (name == "item_id" || name.starts_with("i_")) return format::Role::candidate;
  if (name == "user_id" || name.starts_with("u_")) return format::Role::user;
  return format::Role::context;
}

FeatureRecipe feature(const std::string& name) {
  const format::Role role = role_by_name(name);
  FeatureRecipe feature{.name = name,
                        .role = {role, Certainty::preset},
                        .in_history = {role == format::Role::candidate, Certainty::preset},
                        .pad_row = {0, Certainty::preset}};
  if (has_table(name)) {
    feature.table = kTables + name + kWeight;
  } else {
    feature.dense = 1;
    feature.projection = kTables + name + kWeight;
  }
  return feature;
}

// DIN.py:63: behind every layer of the tower but the last.
void require_dice(const Checkpoint& checkpoint, const std::vector<TorchLayer>& layers) {
  for (std::size_t i = 0; i + 1 < layers.size(); ++i) {
    if (!layers[i].activation.empty()) continue;
    throw Error(checkpoint.path + ": " + layers[i].linear + kWeight,
                "has no Dice behind it, which ReChorus always has; the file is incomplete");
  }
}

std::vector<LayerRecipe> mlp(const Conversion& conversion, const std::string& prefix, const std::string& part) {
  TorchMlp mlp;
  mlp.part = part;
  mlp.assumed = format::ActivationKind::sigmoid;
  mlp.assumed_certainty = Certainty::preset;
  mlp.ends_in_logit = true;
  mlp.dice_epsilon = kDiceEpsilon;
  const bool is_tower = part == "tower";
  mlp.batch_norm = is_tower ? TorchNorm::always : TorchNorm::never;
  const Checkpoint& checkpoint = conversion.checkpoint;
  const std::vector<TorchLayer> layers = torch_layers(checkpoint, sequential_modules(checkpoint, prefix));
  if (is_tower) require_dice(checkpoint, layers);
  return describe_torch_mlp(conversion, layers, mlp);
}

InterestRecipe interest(const Conversion& conversion, const std::vector<FeatureRecipe>& features) {
  InterestRecipe interest;
  for (const FeatureRecipe& feature : features) {
    if (feature.in_history.value) interest.fields.push_back({feature.name, feature.name});
  }
  interest.parts = {"q", "k", "q-k", "q*k"};
  // With add_historical_situations the behaviours' situations are keys too, and the first weight is wider.
  interest.layers = mlp(conversion, "att_mlp_layers.mlp", "attention");
  interest.normalizer = {format::Normalizer::raw, Certainty::preset};
  interest.scale = {ScaleRecipe{true, 1}, Certainty::preset};
  interest.empty = {format::EmptyHistory::zero, Certainty::preset};
  return interest;
}

std::vector<VectorRecipe> features_of(const std::vector<FeatureRecipe>& features, format::Role role) {
  std::vector<VectorRecipe> vectors;
  for (const FeatureRecipe& feature : features) {
    if (role_by_name(feature.name) == role) vectors.push_back({.name = feature.name});
  }
  return vectors;
}

// DIN.py:158: [interest, interest * item, item, user, situation]
std::vector<TowerInput> tower_inputs(const std::vector<FeatureRecipe>& features) {
  const VectorRecipe interest{.name = "interest", .of = VectorRecipe::Of::interest};
  const std::vector<VectorRecipe> item = features_of(features, format::Role::candidate);
  std::vector<TowerInput> inputs = {{.vectors = {interest}}, {.vectors = {interest}, .times = item}};
  for (const format::Role role : {format::Role::candidate, format::Role::user, format::Role::context}) {
    for (const VectorRecipe& feature : features_of(features, role)) inputs.push_back({.vectors = {feature}});
  }
  return inputs;
}

NetworkRecipe describe(Conversion& conversion) {
  NetworkRecipe network;
  // In the order of user_context, item_context and situation_context.
  for (const std::string& name : network_order(conversion, names_between(conversion.checkpoint, kTables, kWeight))) {
    network.features.push_back(feature(name));
  }
  network.interests = {interest(conversion, network.features)};
  network.tower.inputs = tower_inputs(network.features);
  network.tower.layers = mlp(conversion, "dnn_mlp_layers.mlp", "tower");
  network.head.link.certainty = Certainty::assumed;  // a probability is DINCTR's; DINTopK gives the logit
  return network;
}

bool recognises(const Checkpoint& checkpoint) {
  return checkpoint.find("att_mlp_layers.mlp.0.weight") && checkpoint.find("embedding_dict.item_id.weight");
}

}  // namespace

extern const Preset kReChorus = {.name = "rechorus",
                                 .package = "ReChorus",
                                 .recognises = recognises,
                                 .signature = "att_mlp_layers.mlp.0.weight, embedding_dict.item_id.weight",
                                 .describe = describe};

}  // namespace dinghy::converter
