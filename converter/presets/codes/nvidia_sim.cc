// The DINModel of NVIDIA's TensorFlow 2 SIM: sim/models/din_model.py of DeepLearningExamples.
#include <algorithm>

#include "converter/error.h"
#include "converter/presets/activation_setting.h"
#include "converter/presets/attention.h"
#include "converter/presets/codes/nvidia_sim_names.h"
#include "converter/presets/features.h"
#include "converter/presets/inputs.h"
#include "converter/presets/layers.h"
#include "converter/presets/presets.h"
#include "converter/presets/script_attention.h"
#include "converter/presets/tower_parts.h"
#include "converter/text/quotes.h"

namespace dinghy::converter {
namespace {

// SIM and DIEN of the same package have recurrent layers, and SIM a second classifier.
void refuse_other_models(const Checkpoint& checkpoint) {
  for (const Tensor& tensor : checkpoint.tensors) {
    const bool recurrent =
        tensor.name.find("gru") != std::string::npos || tensor.name.find("recurrent_kernel") != std::string::npos;
    if (!recurrent) continue;
    throw Error(checkpoint.path, "has the recurrent layer " + in_quotes(tensor.name) +
                                     ": it is the package's DIEN or SIM, of which nothing but its DIN is converted");
  }
}

// What follows the last "/": the package names the table of a feature after it.
std::string feature_of(const std::string& tensor) { return tensor.substr(tensor.rfind('/') + 1); }

void add_features(Conversion& conversion, const NvidiaSimNames& names) {
  const auto add = [&](const std::string& tensor, format::Role role) {
    const std::string feature = feature_of(tensor);
    return add_id_feature(conversion, feature, role_of(conversion, feature, role),
                          add_table(conversion, tensor, feature));
  };
  for (const std::string& tensor : names.item_tables) {
    const std::uint32_t feature = add(tensor, format::Role::candidate);
    put_in_history(conversion, feature, conversion.network.features[feature].table);
    // din_model.py:62: the vectors are multiplied by the mask, so what is padding has none.
    set_pad_row(conversion, feature, -1);
  }
  for (const std::string& tensor : names.user_tables) add(tensor, format::Role::user);
  check_inputs(conversion);
  report_roles(conversion, roles_certainty(conversion), Certainty::preset);
}

std::vector<Layer> take_unit(Conversion& conversion, const NvidiaSimNames& names, std::size_t width) {
  std::vector<Layer> layers;
  std::size_t inputs = 4 * width;
  for (const std::string& scope : names.attention) {
    layers.push_back(take_dense(conversion, scope, inputs));
    inputs = width_of(layers.back());
    if (layers.size() < names.attention.size())
      layers.back().activation = plain_activation(format::ActivationKind::sigmoid);
  }
  refuse_activation(conversion, conversion.recipe.attention.activation, "attention", "sigmoid");
  return layers;
}

void add_interest(Conversion& conversion, const NvidiaSimNames& names) {
  Interest interest;
  std::size_t width = 0;
  for (const std::string& tensor : names.item_tables) {
    const std::uint32_t feature = feature_index(conversion, feature_of(tensor));
    interest.fields.push_back({feature, feature});
    width += conversion.network.features[feature].width;
  }
  // din_model.py:35: item_item_interaction "dot" has no tensors, "activation_unit" has.
  if (names.attention.empty()) {
    interest.score = format::Score::dot;
  } else {
    interest.layers = take_unit(conversion, names, width);
  }
  conversion.found(
      "score of a behaviour",
      names.attention.empty() ? "the dot product of candidate and behaviour" : "activation unit with sigmoid",
      Certainty::file);
  choose_normalizer(conversion, interest, true, Certainty::preset);
  choose_scale(conversion, interest, ScaleRecipe{}, width);
  choose_empty(conversion, interest, format::EmptyHistory::zero, Certainty::preset);
  conversion.network.interests.push_back(std::move(interest));
}

void add_tower(Conversion& conversion, const NvidiaSimNames& names) {
  Network& network = conversion.network;
  const auto add_features_of = [&](const std::vector<std::string>& tables) {
    for (const std::string& tensor : tables) add_feature_part(network, feature_index(conversion, feature_of(tensor)));
  };
  add_features_of(names.item_tables);
  add_interest_part(network, 0, tower_width(network));
  add_features_of(names.user_tables);
  if (names.tower_prelus.size() + 1 != names.tower.size()) {
    throw Error(conversion.checkpoint.path, "its classifier has " + std::to_string(names.tower.size()) +
                                                " layers and " + std::to_string(names.tower_prelus.size()) +
                                                " PReLUs; each layer but the last has one in this code");
  }
  std::size_t inputs = tower_width(network);
  for (std::size_t i = 0; i < names.tower.size(); ++i) {
    network.tower.push_back(take_dense(conversion, names.tower[i], inputs));
    inputs = width_of(network.tower.back());
    if (i < names.tower_prelus.size())
      network.tower.back().activation = take_prelu(conversion.claims, names.tower_prelus[i], inputs);
  }
  refuse_activation(conversion, conversion.recipe.tower.activation, "tower", "PReLU");
}

void build(Conversion& conversion) {
  refuse_other_models(conversion.checkpoint);
  const NvidiaSimNames names = nvidia_sim_names(conversion.checkpoint);
  add_features(conversion, names);
  Sequence history;
  history.mask = format::Mask::first_id;  // data/dataloader.py:54: the first feature's id is above 0
  add_history(conversion, conversion.recipe.history, history, Certainty::assumed);
  add_interest(conversion, names);
  add_tower(conversion, names);
}

bool recognises(const Checkpoint& checkpoint) {
  const NvidiaSimNames names = nvidia_sim_names(checkpoint);
  return !names.item_tables.empty() && !names.tower.empty();
}

}  // namespace

extern const Preset kNvidiaSim = {"nvidia-sim", "NVIDIA DeepLearningExamples' SIM (DINModel)", recognises, build,
                                  "embedding/user_feat0, ctr_classification_mlp/dense/kernel"};

}  // namespace dinghy::converter
