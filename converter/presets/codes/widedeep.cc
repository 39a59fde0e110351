// The DIN of pytorch-widedeep: pytorch_widedeep/models/rec/din.py, in a WideDeep.
#include <optional>

#include "converter/error.h"
#include "converter/presets/codes/widedeep_columns.h"
#include "converter/presets/facts.h"
#include "converter/presets/presets.h"
#include "converter/presets/torch_mlp.h"
#include "converter/text/quotes.h"

namespace dinghy::converter {
namespace {

constexpr double kDiceEpsilon = 1e-9;       // models/rec/din.py:18
constexpr double kBatchNormEpsilon = 1e-5;  // PyTorch's default

// models/tabular/embeddings_layers.py: behind the vectors of the other columns; it has no tensors.
void check_embedding_activation(Conversion& conversion, const WidedeepColumns& columns) {
  if (columns.others.empty()) return;
  const std::string* activation = find_fact(conversion.checkpoint, columns.net + "cat_embed_activation");
  if (activation && *activation != "null") {
    throw Error(conversion.checkpoint.path,
                "has cat_embed_activation " + in_quotes(*activation) +
                    ", which changes the embeddings of columns and is no part of a .dinghy file; apply it to the "
                    "weights of the tables other_col_embed.cat_embed and save the model without it");
  }
  conversion.found("activation of the embeddings", "none", activation ? Certainty::file : Certainty::assumed);
}

// The package normalizes continuous columns on their way in, all by one layer.
std::optional<NormRecipe> cont_norm(Conversion& conversion, const std::string& net) {
  const std::string norm = net + "other_col_embed.cont_norm";
  if (!conversion.claims.has(norm + ".running_mean")) {
    conversion.found("normalization of the numbers", "none: there is no cont_norm", Certainty::assumed);
    return std::nullopt;
  }
  return NormRecipe{norm + ".weight",
                    norm + ".bias",
                    norm + ".running_mean",
                    norm + ".running_var",
                    {kBatchNormEpsilon, Certainty::preset}};
}

// In the order of the tower's input, where the interest follows the item.
std::vector<FeatureRecipe> features(Conversion& conversion, const WidedeepColumns& columns) {
  std::vector<FeatureRecipe> features = {{.name = columns.item,
                                          .role = {format::Role::candidate, Certainty::assumed},
                                          .table = columns.net + "user_behavior_embed.cat_embed.embed.weight",
                                          .in_history = {true, Certainty::file},
                                          .pad_row = {0, Certainty::preset}}};
  const auto add = [&](const WidedeepColumns::Table& table) -> FeatureRecipe& {
    features.push_back({.name = table.name, .role = {format::Role::user, Certainty::assumed}, .table = table.tensor});
    return features.back();
  };
  for (const WidedeepColumns::Table& sums : columns.sums) add(sums).bag = format::Pooling::sum;
  for (const WidedeepColumns::Table& other : columns.others) add(other);
  if (columns.dense.empty()) return features;
  const std::optional<NormRecipe> norm = cont_norm(conversion, columns.net);
  for (const NamedWidth& numbers : columns.dense) {
    features.push_back({.name = numbers.name,
                        .role = {format::Role::candidate, Certainty::assumed},
                        .dense = numbers.width,
                        .batch_norm = norm});
  }
  return features;
}

InterestRecipe interest(const Conversion& conversion, const WidedeepColumns& columns) {
  const std::string attention = columns.net + "attention.";
  TorchMlp mlp;
  mlp.part = "attention";
  mlp.ends_in_logit = true;
  mlp.batch_norm = TorchNorm::never;
  mlp.dice_epsilon = kDiceEpsilon;
  InterestRecipe interest;
  interest.fields = {{columns.item, columns.item}};
  interest.parts = {"q", "k", "q-k", "q*k"};
  interest.layers = describe_torch_mlp(
      conversion, {{"", attention + "linear_in", "", attention + "activation"}, {"", attention + "linear_out", "", ""}},
      mlp);
  interest.normalizer = {format::Normalizer::softmax, Certainty::preset};
  interest.scale.certainty = Certainty::preset;
  // din.py:445-447: softmax over all columns, then the mask; the rest is not normalized again.
  interest.pads = {format::Pads::denominator, Certainty::preset};
  interest.empty = {format::EmptyHistory::zero, Certainty::preset};
  return interest;
}

// [item, interest, sums, other features, dense features]
TowerPartsRecipe tower(const Conversion& conversion, const WidedeepColumns& columns,
                       const std::vector<FeatureRecipe>& features) {
  TowerPartsRecipe tower;
  for (const FeatureRecipe& feature : features) tower.inputs.push_back({{{.name = feature.name}}});
  const VectorRecipe interest{.name = "interest", .of = VectorRecipe::Of::interest};
  tower.inputs.insert(tower.inputs.begin() + 1, TowerInput{.vectors = {interest}});
  TorchMlp mlp;
  mlp.part = "tower";
  mlp.ends_in_logit = true;
  tower.layers = describe_torch_mlp(conversion, widedeep_tower(conversion.checkpoint, columns.net), mlp);
  return tower;
}

// The item's vector is as wide as the interest.
void check_dense_width(const Conversion& conversion, const NetworkRecipe& network) {
  const auto extent = [&](const std::string& name, std::size_t dimension) {
    const Tensor* tensor = conversion.checkpoint.find(name);
    return tensor && tensor->shape.size() == 2 ? tensor->shape[dimension] : 0;
  };
  std::int64_t missing = extent(network.tower.layers.front().weight, 1);
  for (const FeatureRecipe& feature : network.features) {
    missing -= feature.dense + extent(feature.table, 1) * (feature.in_history.value ? 2 : 1);
  }
  if (missing <= 0) return;
  throw Error(conversion.recipe.where(),
              "the tower takes " + std::to_string(missing) +
                  " more numbers than the features have; name the continuous columns in [inputs], in the list of their "
                  "role, and their order as dense = […]");
}

void require_one_logit(const Conversion& conversion, const std::string& weight) {
  const Tensor* logit = conversion.checkpoint.find(weight);
  if (!logit || logit->shape.empty() || logit->shape[0] == 1) return;
  conversion.claims.fail(weight, "gives several classes; one logit is known here");
}

NetworkRecipe describe(Conversion& conversion) {
  const WidedeepColumns columns = widedeep_columns(conversion);
  check_embedding_activation(conversion, columns);
  NetworkRecipe network;
  network.histories[0].max_length = {columns.max_length, columns.max_length > 0 ? Certainty::file : Certainty::assumed};
  network.features = features(conversion, columns);
  network.interests = {interest(conversion, columns)};
  network.tower = tower(conversion, columns, network.features);
  check_dense_width(conversion, network);
  require_one_logit(conversion, network.tower.layers.back().weight);
  network.head.link.certainty = Certainty::assumed;  // the trainer's objective = "binary"
  return network;
}

bool recognises(const Checkpoint& checkpoint) { return !widedeep_prefix(checkpoint).empty(); }

}  // namespace

extern const Preset kWidedeep = {.name = "widedeep",
                                 .package = "pytorch-widedeep",
                                 .recognises = recognises,
                                 .signature = "deeptabular.0.user_behavior_embed.cat_embed.embed.weight",
                                 .describe = describe};

}  // namespace dinghy::converter
