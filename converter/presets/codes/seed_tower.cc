#include "converter/presets/codes/seed_tower.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "converter/error.h"
#include "converter/presets/absent_parts.h"
#include "converter/presets/codes/seed_layers.h"
#include "converter/presets/keras_graph.h"
#include "converter/presets/keras_variables.h"
#include "converter/presets/layers.h"
#include "converter/text/number_text.h"
#include "converter/text/quotes.h"

namespace dinghy::converter {
namespace {

using Kind = format::ActivationKind;

const std::string kLayer = "top_", kLogit = "logit";
constexpr double kEpsilon = 1e-3;  // of Keras' batch norm

// A Dense layer and what stands around it, by the names of Keras' layers; empty: nothing.
struct TowerLayer {
  std::string dense;
  std::string input_norm;          // in front of its weights
  std::string norm;                // behind them, in front of the activation
  std::optional<Kind> activation;  // that the configuration has
};

struct Tower {
  std::vector<TowerLayer> layers;  // the last is the logit
  Certainty certainty = Certainty::assumed;
  std::map<std::string, double> epsilons;  // of batch norm by its layer, where the configuration says it
  std::set<std::string> left_out;          // "top_bn_0/gamma": what batch norm has not by the configuration
};

std::string setting(const KerasLayer& layer, const char* key) {
  const auto found = layer.settings.find(key);
  return found == layer.settings.end() ? "" : found->second;
}

// ---- by the configuration ----

class GraphTower {
 public:
  explicit GraphTower(const KerasGraph& graph) : graph_(graph) { tower_.certainty = graph.certainty; }

  Tower take() {
    for (const KerasLayer* layer : path()) add(*layer);
    return std::move(tower_);
  }

 private:
  // From what is put side by side for the first layer to the logit; each of these layers has one input.
  std::vector<const KerasLayer*> path() const {
    std::vector<const KerasLayer*> layers;
    KerasOutput at{kLogit, 0};
    while (layers.size() <= graph_.layers.size()) {
      const KerasLayer& layer = graph_.at(at.layer);
      if (is_input(layer)) break;
      layers.push_back(&layer);
      at = graph_.inputs_of(at).front();
    }
    std::ranges::reverse(layers);
    return layers;
  }

  static bool is_input(const KerasLayer& layer) {
    static const std::vector<std::string> kClasses = {"Concatenate", "Flatten", "Reshape", "Embedding", "InputLayer"};
    return std::ranges::find(kClasses, layer.class_name) != kClasses.end();
  }

  void add(const KerasLayer& layer) {
    if (layer.class_name == "Dropout") return;
    if (layer.class_name == "BatchNormalization") return add_norm(layer);
    if (layer.class_name == "Dense") return add_dense(layer);
    if (layer.class_name == "Activation") return activate(layer, kind_of(layer, setting(layer, "activation")));
    if (layer.class_name == "ReLU") return activate(layer, Kind::relu);
    // Their tensors lie under these names.
    if (layer.name.starts_with(kLayer + "dice_") || layer.name.starts_with(kLayer + "prelu_")) {
      return activate(layer, std::nullopt);
    }
    fail(layer);
  }

  void add_dense(const KerasLayer& layer) {
    if (layer.name != kLogit && layer.name != kLayer + std::to_string(tower_.layers.size())) fail(layer);
    tower_.layers.push_back({layer.name, std::exchange(waiting_norm_, ""), "", Kind::identity});
    const Kind own = kind_of(layer, setting(layer, "activation"));
    // The logit's sigmoid is the link.
    if (layer.name == kLogit && own != Kind::identity && own != Kind::sigmoid) fail(layer);
    is_active_ = own != Kind::identity;
    tower_.layers.back().activation = own;
  }

  void add_norm(const KerasLayer& layer) {
    const bool behind = !tower_.layers.empty() && !is_active_;
    std::string& place = behind ? tower_.layers.back().norm : waiting_norm_;
    if (!place.empty()) fail(layer);
    place = layer.name;
    if (setting(layer, "scale") == "false") tower_.left_out.insert(layer.name + "/gamma");
    if (setting(layer, "center") == "false") tower_.left_out.insert(layer.name + "/beta");
    const std::string text = setting(layer, "epsilon");
    if (!text.empty()) std::from_chars(text.data(), text.data() + text.size(), tower_.epsilons[layer.name]);
  }

  void activate(const KerasLayer& layer, std::optional<Kind> kind) {
    if (tower_.layers.empty() || is_active_) fail(layer);
    tower_.layers.back().activation = kind;
    is_active_ = kind != Kind::identity;
  }

  Kind kind_of(const KerasLayer& layer, const std::string& word) const {
    static const std::map<std::string, Kind> kKinds = {{"", Kind::identity},       {"null", Kind::identity},
                                                       {"linear", Kind::identity}, {"relu", Kind::relu},
                                                       {"sigmoid", Kind::sigmoid}, {"tanh", Kind::tanh}};
    const auto known = kKinds.find(word);
    if (known == kKinds.end()) fail(layer);
    return known->second;
  }

  [[noreturn]] void fail(const KerasLayer& layer) const {
    throw Error(graph_.source, "has the layer " + in_quotes(layer.name) + " of the class " + layer.class_name +
                                   " in its tower, where the preset seed does not know it; describe the network in a "
                                   "recipe with preset = \"generic\"");
  }

  const KerasGraph& graph_;
  Tower tower_;
  std::string waiting_norm_;  // behind an activation, so in front of the next weights
  bool is_active_ = false;    // the last layer has its activation
};

// ---- by names ----

// The number at the end, or the only one: 1 of "top_bn_1" and of "top_1_bn"; 0 where there is none.
std::size_t number_in(const std::string& name) {
  const std::size_t end = name.find_last_of("0123456789");
  if (end == std::string::npos) return 0;
  const std::size_t before = name.find_last_not_of("0123456789", end);
  std::size_t number = 0;
  std::from_chars(name.data() + (before == std::string::npos ? 0 : before + 1), name.data() + end + 1, number);
  return number;
}

// "top_bn_1", "top_1_bn": batch norm of one layer; "batch_normalization_4", "bn_4": counted from any number on.
bool has_number_of_layer(const std::string& name) {
  return name.starts_with(kLayer) && name.find_first_of("0123456789") != std::string::npos &&
         (name.find("bn") != std::string::npos || name.find("norm") != std::string::npos);
}

bool is_counted_norm(const std::string& name) {
  return is_keras_layer(name, "batch_normalization") || is_keras_layer(name, "batch_norm") ||
         is_keras_layer(name, "bn");
}

std::vector<std::string> outermost_layers(const Checkpoint& checkpoint, bool (*is_meant)(const std::string&)) {
  std::vector<std::string> layers;
  for (const Tensor& tensor : checkpoint.tensors) {
    const std::string layer = tensor.name.substr(0, tensor.name.find('/'));
    if (is_meant(layer) && std::ranges::find(layers, layer) == layers.end()) layers.push_back(layer);
  }
  std::ranges::stable_sort(layers, {}, number_in);
  return layers;
}

void require_places(const Checkpoint& checkpoint, const Tower& tower) {
  for (const Tensor& tensor : checkpoint.tensors) {
    const std::string layer = tensor.name.substr(0, tensor.name.find('/'));
    if (tensor.name != layer + "/moving_mean" || layer.starts_with(kLayer + "dice_")) continue;
    if (std::ranges::count(tower.layers, layer, &TowerLayer::norm) > 0) continue;
    throw Error(checkpoint.path, "has batch norm " + in_quotes(layer) +
                                     ", and no name tells where it stands; give the model's configuration, the text "
                                     "of model.to_json(), as model_config.json beside it or with --companion");
  }
}

Tower named_tower(const Checkpoint& checkpoint) {
  Tower tower;
  for (std::size_t i = 0; checkpoint.find(keras_kernel(checkpoint, kLayer + std::to_string(i))); ++i) {
    tower.layers.push_back({kLayer + std::to_string(i), "", "", std::nullopt});
  }
  for (const std::string& norm : outermost_layers(checkpoint, has_number_of_layer)) {
    if (number_in(norm) < tower.layers.size()) tower.layers[number_in(norm)].norm = norm;
  }
  const std::vector<std::string> counted = outermost_layers(checkpoint, is_counted_norm);
  for (std::size_t i = 0; i < counted.size() && counted.size() == tower.layers.size(); ++i) {
    tower.layers[i].norm = counted[i];
  }
  require_places(checkpoint, tower);
  tower.layers.push_back({kLogit, "", "", Kind::identity});
  return tower;
}

// gamma and beta unless Keras' layer was built without, which its configuration says; a file of Keras 3 numbers the
// variables.
NormRecipe norm_names(Conversion& conversion, const Tower& tower, const std::string& layer, double epsilon) {
  const Checkpoint& checkpoint = conversion.checkpoint;
  const bool is_told = tower.certainty != Certainty::assumed;
  const auto is_left_out = [&](const char* name) { return tower.left_out.contains(layer + "/" + name); };
  if (!checkpoint.find(layer + "/vars/0")) {
    const auto own = [&](const char* name) { return keras_variable(checkpoint, layer, name, 0); };
    const auto optional = [&](const char* name) -> std::string {
      if (is_told ? !is_left_out(name) : conversion.claims.has(own(name))) return own(name);
      if (!is_told) report_absent_parts(conversion, "tower", name, {layer});
      return "";
    };
    return {optional("gamma"), optional("beta"), own("moving_mean"), own("moving_variance"), epsilon};
  }
  const auto number = [&](int i) { return layer + "/vars/" + std::to_string(i); };
  const bool affine = is_told ? !is_left_out("gamma") && !is_left_out("beta") : conversion.claims.has(number(3));
  if (!affine && checkpoint.find(number(2))) {
    conversion.claims.fail(number(2), "is one of three, and no number tells gamma from beta; save the weights as .h5");
  }
  return {affine ? number(0) : "", affine ? number(1) : "", number(affine ? 2 : 0), number(affine ? 3 : 1), epsilon};
}

double choose_epsilon(Conversion& conversion, const Tower& tower, const std::string& norm) {
  const auto own = tower.epsilons.find(norm);
  const bool known = own != tower.epsilons.end();
  const auto [epsilon, sure] = conversion.decide(conversion.recipe.epsilon.batch_norm, known ? own->second : kEpsilon,
                                                 known ? tower.certainty : Certainty::assumed);
  const auto report = [&](const std::string& subject, const std::string& value, Certainty certainty,
                          std::optional<RecipeLine> line) {
    const auto said = [&](const Finding& finding) { return finding.subject == subject && finding.value == value; };
    if (std::ranges::none_of(conversion.findings, said)) conversion.found(subject, value, certainty, std::move(line));
  };
  const bool assumed = tower.certainty == Certainty::assumed;
  report("places of batch norm in the tower",
         assumed ? "between a layer and its activation" : "as in the configuration", tower.certainty, {});
  report("batch norm of the tower", "folded, epsilon " + number_text(epsilon), sure,
         RecipeLine{"epsilon", "batch_norm = " + number_text(epsilon)});
  return epsilon;
}

}  // namespace

std::vector<Layer> take_seed_tower(Conversion& conversion, std::size_t inputs) {
  const auto graph = keras_graph(conversion.checkpoint);
  const Tower tower = graph ? GraphTower(*graph).take() : named_tower(conversion.checkpoint);
  SeedLayers source(conversion, "tower", conversion.recipe.tower.activation);
  std::vector<Layer> layers;
  for (const TowerLayer& names : tower.layers) {
    const std::size_t width = layers.empty() ? inputs : width_of(layers.back());
    Layer layer = source.linear(names.dense, width, layers.empty() ? "the input of the tower" : "the layer before");
    const auto norm = [&](const std::string& name, std::size_t channels) {
      return take_norm(conversion.claims, norm_names(conversion, tower, name, choose_epsilon(conversion, tower, name)),
                       channels);
    };
    if (!names.input_norm.empty()) fold_before(layer, norm(names.input_norm, width));
    if (!names.norm.empty()) fold_behind(layer, norm(names.norm, width_of(layer)));
    if (names.dense != kLogit) {
      const std::string number = names.dense.substr(kLayer.size());
      std::optional<std::pair<Kind, Certainty>> known;
      if (names.activation) known = {*names.activation, tower.certainty};
      layer.activation =
          source.activation(kLayer + "dice_" + number, kLayer + "prelu_" + number, width_of(layer), known);
    }
    layers.push_back(std::move(layer));
  }
  return layers;
}

}  // namespace dinghy::converter
