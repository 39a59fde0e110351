// The DIN of prediction-flow with one group of attention: prediction_flow/pytorch/{din,interest_net}.py.
#include <algorithm>

#include "converter/error.h"
#include "converter/presets/attention.h"
#include "converter/presets/features.h"
#include "converter/presets/inputs.h"
#include "converter/presets/layers.h"
#include "converter/presets/presets.h"
#include "converter/presets/torch_mlp.h"
#include "converter/presets/tower_parts.h"
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

// The pairs of the group, in its order: a table that the candidate and its history share has the candidate's name.
std::vector<std::string> compared_features(const Conversion& conversion, const std::vector<std::string>& tables) {
  if (const auto& named = conversion.recipe.inputs.history) return *named;
  throw Error(conversion.recipe.where(),
              "no tensor tells which features the behaviours have; name them in the order of the group's pairs as "
              "[inputs] history = […], out of " +
                  listed(tables));
}

void add_features(Conversion& conversion, const std::vector<std::string>& tables,
                  const std::vector<std::string>& compared) {
  for (const NamedWidth& number : dense_inputs(conversion, tables)) {
    add_dense_feature(conversion, number.name, role_of(conversion, number.name, format::Role::candidate), number.width);
  }
  for (const std::string& name : tables) {
    const bool in_history = std::ranges::find(compared, name) != compared.end();
    const int table = add_table(conversion, kTables + name + kWeight, name);
    const std::uint32_t feature = add_id_feature(
        conversion, name, role_of(conversion, name, in_history ? format::Role::candidate : format::Role::user), table);
    if (in_history) put_in_history(conversion, feature, table);
  }
}

// nn/mlp.py:41: dense0, batchnorm0, activation0, dropout0, dense1, …
std::vector<Layer> take_mlp(Conversion& conversion, const std::string& prefix, const std::string& logit,
                            const std::string& part, std::size_t inputs) {
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
  return take_torch_mlp(conversion, layers, mlp, inputs);
}

std::uint32_t add_interest(Conversion& conversion, const std::string& module,
                           const std::vector<std::string>& compared) {
  Interest interest;
  std::uint32_t width = 0;
  for (const std::string& name : compared) {
    const std::uint32_t feature = feature_index(conversion, name);
    interest.fields.push_back({feature, feature});
    width += conversion.network.features[feature].width;
  }
  interest.layers = take_mlp(conversion, module + ".mlp._sequential", module + ".fc", "attention", 4 * width);
  choose_normalizer(conversion, interest, true, Certainty::preset);
  choose_scale(conversion, interest, ScaleRecipe{true, 1}, width);
  // nn/attention.py:91: softmax of nothing but -inf has no value.
  choose_empty(conversion, interest, format::EmptyHistory::reject, Certainty::preset);
  conversion.network.interests.push_back(std::move(interest));
  return width;
}

// interest_net.py:216: [numbers, categories, interest]
void add_tower(Conversion& conversion, std::uint32_t interest) {
  Network& network = conversion.network;
  for (std::uint32_t i = 0; i < network.features.size(); ++i) add_feature_part(network, i);
  add_interest_part(network, 0, interest);
  network.tower = take_mlp(conversion, "mlp._sequential", "final_layer", "tower", tower_width(network));
  if (width_of(network.tower.back()) != 1) {
    conversion.claims.fail("final_layer.weight", "gives several classes; the package's own forward() fails on them");
  }
}

void build(Conversion& conversion) {
  const std::vector<std::string> tables = table_names(conversion);
  const std::vector<std::string> groups = attention_modules(conversion.checkpoint);
  if (groups.size() != 1) {
    throw Error(conversion.checkpoint.path,
                "has " + std::to_string(groups.size()) +
                    " groups of attention, this preset knows one; describe the network in a "
                    "recipe with preset = \"generic\"");
  }
  const std::vector<std::string> compared = compared_features(conversion, tables);
  add_features(conversion, tables, compared);
  check_inputs(conversion);
  report_roles(conversion, roles_certainty(conversion), Certainty::recipe);
  add_history(conversion);
  add_tower(conversion, add_interest(conversion, groups[0], compared));
}

bool recognises(const Checkpoint& checkpoint) {
  return checkpoint.find("mlp._sequential.dense0.weight") && !attention_modules(checkpoint).empty();
}

}  // namespace

extern const Preset kPredictionFlow = {
    "prediction-flow", "prediction-flow", recognises, build,
    "mlp._sequential.dense0.weight, attention_pooling:GROUP.mlp._sequential.dense0.weight"};

}  // namespace dinghy::converter
