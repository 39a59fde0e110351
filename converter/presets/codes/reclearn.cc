// The DIN of RecLearn (Recommender System with TF2.0), a subclass of Keras' Model: layers have no names but numbers.
#include <algorithm>
#include <numeric>

#include "converter/error.h"
#include "converter/presets/attention.h"
#include "converter/presets/features.h"
#include "converter/presets/inputs.h"
#include "converter/presets/keras_dense.h"
#include "converter/presets/keras_variables.h"
#include "converter/presets/layers.h"
#include "converter/presets/presets.h"
#include "converter/presets/tower_parts.h"
#include "converter/text/number_text.h"

namespace dinghy::converter {
namespace {

constexpr double kBatchNormEpsilon = 1e-3;  // Keras' default, model.py:65
const std::string kAttention = "attention__layer";

struct Layers {
  std::vector<std::string> tables;
  std::vector<std::string> attention;  // the last gives the logit
  std::string norm;
  std::vector<std::string> tower;  // the last gives the logit
};

// The scope of the model ("din") in files with variables by name, nothing in those with numbers.
std::optional<std::string> scope_of(const Checkpoint& checkpoint) {
  if (!keras_layers(checkpoint, "", kAttention).empty()) return "";
  for (const std::string& scope : keras_layers(checkpoint, "", "din")) {
    if (!keras_layers(checkpoint, scope, kAttention).empty()) return scope;
  }
  return std::nullopt;
}

Layers find_layers(const Checkpoint& checkpoint, const std::string& scope) {
  const std::string attention = keras_layers(checkpoint, scope, kAttention).front();
  Layers layers{keras_layers(checkpoint, scope, "embedding"), keras_layer_list(checkpoint, attention, "dense"), "",
                keras_layer_list(checkpoint, scope, "dense")};
  if (layers.attention.empty()) {
    layers.attention = keras_layer_list(checkpoint, attention + "/att_dense", "dense");
    layers.attention.push_back(attention + "/att_final_dense");
  }
  const std::vector<std::string> norms = keras_layers(checkpoint, scope, "batch_normalization");
  if (layers.tables.empty() || norms.size() != 1 || layers.attention.size() < 2 || layers.tower.size() < 2) {
    throw Error(checkpoint.path,
                "lacks tables, batch norm or Dense layers of RecLearn's DIN; the file is not complete");
  }
  layers.norm = norms.front();
  return layers;
}

// modules.py:59 makes alpha before Keras gives the layer a name, so files hold it in places of their own, in order: a
// SavedModel as "variables/17". Nothing else in the network is a scalar.
std::vector<std::string> loose_alphas(const Checkpoint& checkpoint) {
  std::vector<std::string> names;
  for (const Tensor& tensor : checkpoint.tensors) {
    if (tensor.shape.empty()) names.push_back(tensor.name);
  }
  return names;
}

std::vector<Layer> take_layers(Conversion& conversion, const std::vector<std::string>& names, std::size_t inputs,
                               const std::string& part, const std::string& input, format::ActivationKind otherwise,
                               const std::vector<std::string>& alphas = {}) {
  std::vector<Layer> layers;
  for (std::size_t i = 0; i < names.size(); ++i) {
    layers.push_back(take_keras_dense(conversion, names[i], i == 0 ? inputs : width_of(layers.back()),
                                      i == 0 ? input : "the layer before", i < alphas.size() ? alphas[i] : ""));
  }
  const Layer logit = std::move(layers.back());
  layers.pop_back();
  choose_keras_activation(conversion, layers, part, otherwise);
  layers.push_back(logit);
  return layers;
}

std::size_t width_of_table(const Checkpoint& checkpoint, const std::string& layer) {
  const Tensor* tensor = checkpoint.find(keras_embeddings(checkpoint, layer));
  return tensor && tensor->shape.size() == 2 ? static_cast<std::size_t>(tensor->shape[1]) : 0;
}

// model.py:44-57 makes the tables of behaviours last; theirs are as many as fill a key.
std::size_t first_behaviour_table(const Conversion& conversion, const Layers& layers, std::size_t key_width) {
  std::size_t first = layers.tables.size(), width = 0;
  while (first > 0 && width < key_width) width += width_of_table(conversion.checkpoint, layers.tables[--first]);
  if (width != key_width || width == 0) {
    conversion.claims.fail(
        keras_kernel(conversion.checkpoint, layers.attention[0]),
        "compares keys of " + std::to_string(key_width) + " numbers, which the last tables do not add up to");
  }
  return first;
}

std::uint32_t add_feature(Conversion& conversion, const std::string& layer, const std::string& name,
                          format::Role assumed) {
  const int table = add_table(conversion, keras_embeddings(conversion.checkpoint, layer), name);
  return add_id_feature(conversion, name, role_of(conversion, name, assumed), table);
}

// The tower takes interest, item, numbers, other tables (model.py:77-90).
void add_features(Conversion& conversion, const Layers& layers, std::size_t key_width) {
  Network& network = conversion.network;
  const std::size_t first = first_behaviour_table(conversion, layers, key_width);
  add_interest_part(network, 0, key_width);
  for (std::size_t i = first; i < layers.tables.size(); ++i) {
    const std::string name = "behaviour_" + std::to_string(i - first);
    const std::uint32_t feature = add_feature(conversion, layers.tables[i], name, format::Role::candidate);
    put_in_history(conversion, feature, network.features[feature].table);
    add_feature_part(network, feature);
  }
  std::vector<std::string> others;
  for (std::size_t i = 0; i < first; ++i) others.push_back("sparse_" + std::to_string(i));
  std::vector<std::string> tables = others;
  for (const Feature& feature : network.features) tables.push_back(feature.name);
  for (const NamedWidth& dense : dense_inputs(conversion, tables)) {
    add_feature_part(network, add_dense_feature(conversion, dense.name,
                                                role_of(conversion, dense.name, format::Role::user), dense.width));
  }
  for (std::size_t i = 0; i < first; ++i) {
    add_feature_part(network, add_feature(conversion, layers.tables[i], others[i], format::Role::user));
  }
  check_inputs(conversion);
  report_roles(conversion, roles_certainty(conversion), Certainty::preset);
}

void add_sequence(Conversion& conversion, const std::vector<Layer>& layers) {
  Sequence sequence;
  sequence.mask = format::Mask::first_id;     // model.py:75, though 0 is an item too
  sequence.pad_side = format::PadSide::left;  // utils.py:114, pad_sequences
  const Activation& first = layers.front().activation;
  const bool by_position = first.kind == format::ActivationKind::prelu_position;
  if (by_position) sequence.max_length = static_cast<std::uint32_t>(first.alpha.size() / width_of(layers.front()));
  add_history(conversion, conversion.recipe.history, sequence, by_position ? Certainty::file : Certainty::assumed,
              Certainty::preset);
}

void add_interest(Conversion& conversion, std::vector<Layer> layers, std::size_t key_width) {
  Interest interest;
  const std::vector<Feature>& features = conversion.network.features;
  for (std::uint32_t i = 0; i < features.size(); ++i) {
    if (features[i].sequence >= 0) interest.fields.push_back({i, i});
  }
  add_sequence(conversion, layers);
  interest.layers = std::move(layers);
  choose_normalizer(conversion, interest, true, Certainty::preset);
  choose_scale(conversion, interest, ScaleRecipe{false, 1}, key_width);
  choose_empty(conversion, interest, format::EmptyHistory::pad_row, Certainty::preset);
  // model.py:75 and modules.py:42: with every logit masked the softmax averages all rows, padding and behaviours.
  if (interest.fields.size() > 1) {
    conversion.found("a history whose first ids all are 0", "counts as empty; RecLearn averages its other fields",
                     Certainty::preset);
  }
  conversion.network.interests.push_back(std::move(interest));
}

void add_tower(Conversion& conversion, const Layers& names) {
  Network& network = conversion.network;
  const Checkpoint& checkpoint = conversion.checkpoint;
  const std::size_t width = tower_width(network);
  network.tower = take_layers(conversion, names.tower, width, "tower", "its input of tables and [inputs] dense",
                              format::ActivationKind::relu, loose_alphas(checkpoint));
  const auto [epsilon, sure] =
      conversion.decide(conversion.recipe.epsilon.batch_norm, kBatchNormEpsilon, Certainty::preset);
  const auto name = [&](const char* variable, int number) {
    return keras_variable(checkpoint, names.norm, variable, number);
  };
  const NormRecipe norm{name("gamma", 0), name("beta", 1), name("moving_mean", 2), name("moving_variance", 3), epsilon};
  fold_before(network.tower.front(), take_norm(conversion.claims, norm, width));
  conversion.found("batch norm of the tower's input", "folded, epsilon " + number_text(epsilon), sure,
                   RecipeLine{"epsilon", "batch_norm = " + number_text(epsilon)});
}

void build(Conversion& conversion) {
  const Checkpoint& checkpoint = conversion.checkpoint;
  const std::optional<std::string> scope = scope_of(checkpoint);
  if (!scope) throw Error(checkpoint.path, "has no layer attention__layer, which RecLearn's DIN has");
  const Layers layers = find_layers(checkpoint, *scope);
  const Tensor* kernel = checkpoint.find(keras_kernel(checkpoint, layers.attention[0]));
  const std::size_t key_width =
      kernel && kernel->shape.size() == 2 ? static_cast<std::size_t>(kernel->shape[0]) / 4 : 0;
  add_features(conversion, layers, key_width);
  // Keras' own activations leave no trace; train.py:32 has sigmoid.
  add_interest(conversion,
               take_layers(conversion, layers.attention, 4 * key_width, "attention", "the attention's input",
                           format::ActivationKind::sigmoid),
               key_width);
  add_tower(conversion, layers);
}

bool recognises(const Checkpoint& checkpoint) { return scope_of(checkpoint).has_value(); }

}  // namespace

extern const Preset kRecLearn = {"reclearn", "RecLearn", recognises, build, "attention__layer/dense/kernel"};

}  // namespace dinghy::converter
