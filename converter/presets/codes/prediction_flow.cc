// The DIN of prediction-flow with one group of attention: prediction_flow/pytorch/{din,interest_net}.py.
#include <algorithm>

#include "converter/error.h"
#include "converter/presets/features.h"
#include "converter/presets/inputs.h"
#include "converter/presets/presets.h"
#include "converter/presets/torch_mlp.h"
#include "converter/text/suggestion.h"

namespace dinghy::converter {
namespace {

const std::string kTables = "embedding:";
const std::string kWeight = ".weight";
const std::string kGroup = "attention_pooling:";
const std::string kFirst = ".mlp._sequential.dense0.weight";

std::vector<std::string> table_names(Conversion& conversion) {
  return network_order(conversion, names_between(conversion.checkpoint, kTables, kWeight));
}

// "attention_pooling:GROUP", one for each group.
std::vector<std::string> attention_modules(const Checkpoint& checkpoint) {
  std::vector<std::string> modules;
  for (const Tensor& tensor : checkpoint.tensors) {
    if (!tensor.name.starts_with(kGroup) || !tensor.name.ends_with(kFirst)) continue;
    modules.push_back(tensor.name.substr(0, tensor.name.size() - kFirst.size()));
  }
  return modules;
}

std::string attention_module(const Checkpoint& checkpoint) {
  const std::vector<std::string> modules = attention_modules(checkpoint);
  if (modules.size() == 1) return modules[0];
  throw Error(checkpoint.path, "has " + std::to_string(modules.size()) +
                                   " groups of attention, this preset knows one; describe the network in a recipe "
                                   "with preset = \"generic\"");
}

// The pairs of the group, in its order: a table that the candidate and its history share has the candidate's name.
std::vector<std::string> compared_features(const Conversion& conversion, const std::vector<std::string>& tables) {
  if (const auto& named = conversion.recipe.inputs.history) return *named;
  throw Error(conversion.recipe.where(),
              "no tensor tells which features the behaviours have; name them in the order of the group's pairs as "
              "[inputs] history = […], out of " +
                  listed(tables));
}

// Numbers come first: interest_net.py:216.
std::vector<FeatureRecipe> features(const Conversion& conversion, const std::vector<std::string>& tables,
                                    const std::vector<std::string>& compared) {
  std::vector<FeatureRecipe> features;
  for (const NamedWidth& number : dense_inputs(conversion, tables)) {
    features.push_back(
        {.name = number.name, .role = {format::Role::candidate, Certainty::assumed}, .dense = number.width});
  }
  for (const std::string& name : tables) {
    const bool in_history = std::ranges::find(compared, name) != compared.end();
    features.push_back({.name = name,
                        .role = {in_history ? format::Role::candidate : format::Role::user, Certainty::assumed},
                        .table = kTables + name + kWeight,
                        .in_history = {in_history, Certainty::recipe},
                        .pad_row = {0, Certainty::preset}});
  }
  return features;
}

// nn/mlp.py:41: dense0, batchnorm0, activation0, dropout0, dense1, …
std::vector<LayerRecipe> mlp(const Conversion& conversion, const std::string& prefix, const std::string& logit,
                             const std::string& part) {
  const TensorClaims& claims = conversion.claims;
  std::vector<TorchLayer> layers;
  for (std::size_t i = 0;; ++i) {
    const std::string number = std::to_string(i), norm = prefix + ".batchnorm" + number;
    if (!claims.has(prefix + ".dense" + number + kWeight)) break;
    layers.push_back({"", prefix + ".dense" + number, claims.has(norm + ".running_mean") ? norm : "",
                      prefix + ".activation" + number});
  }
  layers.push_back({"", logit, "", ""});
  TorchMlp mlp;
  mlp.part = part;
  mlp.ends_in_logit = true;
  return describe_torch_mlp(conversion, layers, mlp);
}

InterestRecipe interest(const Conversion& conversion, const std::string& module,
                        const std::vector<std::string>& compared) {
  InterestRecipe interest;
  for (const std::string& name : compared) interest.fields.push_back({name, name});
  interest.parts = {"q", "k", "q-k", "q*k"};
  interest.layers = mlp(conversion, module + ".mlp._sequential", module + ".fc", "attention");
  interest.normalizer = {format::Normalizer::softmax, Certainty::preset};
  interest.scale = {ScaleRecipe{.by_key_width = true}, Certainty::preset};
  // nn/attention.py:91: softmax of nothing but -inf has no value.
  interest.empty = {format::EmptyHistory::reject, Certainty::preset};
  return interest;
}

// interest_net.py:216: [numbers, categories, interest]
TowerPartsRecipe tower(const Conversion& conversion, const std::vector<FeatureRecipe>& features) {
  TowerPartsRecipe tower;
  for (const FeatureRecipe& feature : features) tower.inputs.push_back({{{.name = feature.name}}});
  tower.inputs.push_back({{{.name = "interest", .of = VectorRecipe::Of::interest}}});
  tower.layers = mlp(conversion, "mlp._sequential", "final_layer", "tower");
  return tower;
}

void require_one_logit(const Conversion& conversion) {
  const Tensor* logit = conversion.checkpoint.find("final_layer.weight");
  if (!logit || logit->shape.empty() || logit->shape[0] == 1) return;
  conversion.claims.fail("final_layer.weight", "gives several classes; the package's own forward() fails on them");
}

NetworkRecipe describe(Conversion& conversion) {
  const std::vector<std::string> tables = table_names(conversion);
  const std::string module = attention_module(conversion.checkpoint);
  const std::vector<std::string> compared = compared_features(conversion, tables);
  require_one_logit(conversion);
  NetworkRecipe network;
  network.features = features(conversion, tables, compared);
  network.interests = {interest(conversion, module, compared)};
  network.tower = tower(conversion, network.features);
  network.head.link.certainty = Certainty::preset;
  return network;
}

bool recognises(const Checkpoint& checkpoint) {
  return checkpoint.find("mlp._sequential.dense0.weight") && !attention_modules(checkpoint).empty();
}

}  // namespace

extern const Preset kPredictionFlow = {
    .name = "prediction-flow",
    .package = "prediction-flow",
    .recognises = recognises,
    .signature = "mlp._sequential.dense0.weight, attention_pooling:GROUP.mlp._sequential.dense0.weight",
    .describe = describe};

}  // namespace dinghy::converter
