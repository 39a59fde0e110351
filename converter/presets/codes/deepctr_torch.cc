// The DIN of DeepCTR-Torch 0.2 and 0.3: deepctr_torch/models/din.py.
#include <algorithm>
#include <map>

#include "converter/error.h"
#include "converter/presets/activation_setting.h"
#include "converter/presets/attention.h"
#include "converter/presets/codes/deepctr_torch_columns.h"
#include "converter/presets/facts.h"
#include "converter/presets/features.h"
#include "converter/presets/inputs.h"
#include "converter/presets/layers.h"
#include "converter/presets/presets.h"
#include "converter/text/number_text.h"
#include "converter/text/quotes.h"

namespace dinghy::converter {
namespace {

constexpr double kDiceEpsilon = 1e-8;       // layers/activation.py: nn.BatchNorm1d(emb_size, eps=epsilon)
constexpr double kBatchNormEpsilon = 1e-5;  // PyTorch's default
constexpr std::uint64_t kExactFloatIds = 1 << 24;

std::string table_tensor(const std::string& table) { return "embedding_dict." + table + ".weight"; }

NormRecipe torch_norm(const std::string& prefix, double epsilon) {
  return {prefix + ".weight", prefix + ".bias", prefix + ".running_mean", prefix + ".running_var", epsilon};
}

// One DNN of the package: linear, batch norm, activation. `part` names it in the report.
class Dnn {
 public:
  Dnn(Conversion& conversion, std::string prefix, std::string part, std::optional<format::ActivationKind> by_recipe,
      format::ActivationKind assumed)
      : conversion_(conversion),
        prefix_(std::move(prefix)),
        part_(std::move(part)),
        by_recipe_(by_recipe),
        assumed_(assumed) {}

  std::vector<Layer> take(std::size_t inputs) {
    std::vector<Layer> layers;
    for (std::size_t i = 0; i == 0 || conversion_.claims.has(linear(i) + ".weight"); ++i) {
      const std::string what = i == 0 ? "the input of the " + part_ : "the layer before";
      layers.push_back(take_linear(conversion_.claims, linear(i) + ".weight", linear(i) + ".bias", WeightLayout::out_in,
                                   i == 0 ? inputs : width_of(layers.back()), what));
      fold_batch_norm(layers.back(), i);
      layers.back().activation = activation(i, width_of(layers.back()), i == 0);
    }
    return layers;
  }

 private:
  std::string linear(std::size_t i) const { return prefix_ + ".linears." + std::to_string(i); }

  void fold_batch_norm(Layer& layer, std::size_t i) {
    const std::string norm = prefix_ + ".bn." + std::to_string(i);
    if (!conversion_.claims.has(norm + ".running_mean")) return;
    const auto [epsilon, certainty] =
        conversion_.decide(conversion_.recipe.epsilon.batch_norm, kBatchNormEpsilon, Certainty::preset);
    fold_behind(layer, take_norm(conversion_.claims, torch_norm(norm, epsilon), width_of(layer)));
    if (i > 0) return;
    conversion_.found("batch norm of the " + part_, "folded, epsilon " + number_text(epsilon), certainty,
                      RecipeLine{"epsilon", "batch_norm = " + number_text(epsilon)});
  }

  Activation activation(std::size_t i, std::size_t width, bool report) {
    const std::string name = prefix_ + ".activation_layers." + std::to_string(i);
    const std::string subject = "activation of the " + part_;
    if (conversion_.claims.has(name + ".alpha")) {
      refuse_activation(conversion_, by_recipe_, part_, "Dice");
      const auto [epsilon, certainty] =
          conversion_.decide(conversion_.recipe.epsilon.dice, kDiceEpsilon, Certainty::preset);
      const RecipeLine line{"epsilon", "dice = " + number_text(epsilon)};
      if (report) conversion_.found(subject, "Dice, epsilon " + number_text(epsilon), certainty, line);
      return take_dice(conversion_.claims, name + ".alpha", torch_norm(name + ".bn", epsilon), width);
    }
    if (conversion_.claims.has(name + ".weight")) {
      refuse_activation(conversion_, by_recipe_, part_, "PReLU");
      if (report) conversion_.found(subject, "PReLU", Certainty::file);
      return take_prelu(conversion_.claims, name + ".weight", width);
    }
    return plain(name, subject, report);
  }

  Activation plain(const std::string& name, const std::string& subject, bool report) {
    format::ActivationKind otherwise = assumed_;
    Certainty certainty = Certainty::assumed;
    if (const std::string* type = find_fact(conversion_.checkpoint, name + ".class")) {
      otherwise = kind_of(*type);
      certainty = Certainty::file;
    }
    const auto [kind, sure] = conversion_.decide(by_recipe_, otherwise, certainty);
    const RecipeLine line{part_, "activation = " + json_string(format::EnumNameActivationKind(kind))};
    if (report) conversion_.found(subject, format::EnumNameActivationKind(kind), sure, line);
    return plain_activation(kind);
  }

  format::ActivationKind kind_of(const std::string& type) const {
    if (type.ends_with(".ReLU")) return format::ActivationKind::relu;
    if (type.ends_with(".Sigmoid")) return format::ActivationKind::sigmoid;
    if (type.ends_with(".Identity")) return format::ActivationKind::identity;
    throw Error(conversion_.checkpoint.path, "the activation " + in_quotes(type) + " is not known here");
  }

  Conversion& conversion_;
  std::string prefix_, part_;
  std::optional<format::ActivationKind> by_recipe_;
  format::ActivationKind assumed_;
};

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

std::uint32_t key_width(const Conversion& conversion, const std::vector<Field>& fields) {
  std::uint32_t width = 0;
  for (const Field& field : fields) width += conversion.network.features[field.key].width;
  return width;
}

void add_interest(Conversion& conversion, const DeepctrTorchColumns& columns) {
  Interest interest;
  interest.fields = fields_of(conversion, columns);
  const std::uint32_t width = key_width(conversion, interest.fields);
  // Up to 0.2.3 the package ignored att_activation and took sigmoid, the only one without a tensor but relu.
  interest.layers = Dnn(conversion, "attention.local_att.dnn", "attention", conversion.recipe.attention.activation,
                        format::ActivationKind::sigmoid)
                        .take(4 * width);
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
  std::uint32_t width = 0;
  const auto add_part = [&](format::Source source, std::uint32_t index, std::uint32_t part_width) {
    network.tower_parts.push_back({{source, index, 0, part_width}, {}});
    width += part_width;
  };
  const auto add_features_of = [&](format::FeatureKind kind) {
    for (std::uint32_t i = 0; i < network.features.size(); ++i) {
      if (network.features[i].kind == kind) add_part(format::Source::feature, i, network.features[i].width);
    }
  };
  add_features_of(format::FeatureKind::id);
  add_part(format::Source::interest, 0, key_width(conversion, network.interests[0].fields));
  add_features_of(format::FeatureKind::dense);
  network.tower =
      Dnn(conversion, "dnn", "tower", conversion.recipe.tower.activation, format::ActivationKind::relu).take(width);
  network.tower.push_back(take_linear(conversion.claims, "dnn_linear.weight", "out.bias", WeightLayout::out_in,
                                      width_of(network.tower.back()), "the layer before"));
  const std::string* task = find_fact(conversion.checkpoint, "out.task");
  if (task && *task == "regression") network.head.link = format::Link::identity;
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
