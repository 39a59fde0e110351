// MultiTowerDIN of EasyRec: easy_rec/python/model/multi_tower_din.py.
#include "converter/error.h"
#include "converter/presets/attention.h"
#include "converter/presets/codes/easyrec_config.h"
#include "converter/presets/codes/easyrec_tables.h"
#include "converter/presets/features.h"
#include "converter/presets/head.h"
#include "converter/presets/inputs.h"
#include "converter/presets/layers.h"
#include "converter/presets/presets.h"
#include "converter/presets/script_attention.h"
#include "converter/presets/tower_parts.h"
#include "converter/text/number_text.h"
#include "converter/text/quotes.h"

namespace dinghy::converter {
namespace {

constexpr double kBatchNormEpsilon = 1e-3;  // tf.layers.batch_normalization
constexpr double kLeakySlope = 0.2;         // tf.nn.leaky_relu

class Builder {
 public:
  explicit Builder(Conversion& conversion)
      : conversion_(conversion), config_(read_easyrec_config(conversion.checkpoint)), tables_(conversion, config_) {}

  void build() {
    check_inputs(conversion_);
    report_roles(conversion_, roles_certainty(conversion_), Certainty::companion);
    conversion_.found("order of the features", "as in pipeline.config", Certainty::companion);
    add_history(conversion_);
    for (std::size_t i = 0; i < config_.towers.size(); ++i) add_tower(i);
    add_interest();
    add_head();
  }

 private:
  // utils/activation.py:63-108. Dice and PReLU have variables whose names count through the whole graph.
  Activation activation(const std::string& name, std::size_t width) const {
    const std::string word = name.substr(name.rfind('.') == std::string::npos ? 0 : name.rfind('.') + 1);
    if (word == "relu") return plain_activation(format::ActivationKind::relu);
    if (word == "sigmoid") return plain_activation(format::ActivationKind::sigmoid);
    if (word == "tanh") return plain_activation(format::ActivationKind::tanh);
    if (word == "linear" || word.empty()) return {};
    if (word == "swish") return silu(width);
    if (word == "leaky_relu") {
      Activation leaky = plain_activation(format::ActivationKind::leaky_relu);
      leaky.slope = kLeakySlope;
      return leaky;
    }
    throw Error(config_.source,
                "the activation " + in_quotes(name) +
                    " is not converted here; describe the network in a recipe with preset = \"generic\"");
  }

  Affine norm(const std::string& scope, std::size_t width) {
    const double epsilon = conversion_.recipe.epsilon.batch_norm.value_or(kBatchNormEpsilon);
    return take_norm(conversion_.claims,
                     {scope + "/gamma", scope + "/beta", scope + "/moving_mean", scope + "/moving_variance", epsilon},
                     width);
  }

  // layers/dnn.py:48-83. `logit`: the last layer has neither norm nor activation.
  std::vector<Layer> take_dnn(const std::string& name, const std::string& word, std::size_t inputs, bool logit) {
    std::vector<Layer> layers;
    for (std::size_t i = 0;; ++i) {
      const std::string scope = name + "/dnn_" + std::to_string(i);
      if (!conversion_.claims.has(scope + "/kernel")) break;
      layers.push_back(take_dense(conversion_, scope, inputs));
      inputs = width_of(layers.back());
      const bool last = !conversion_.claims.has(name + "/dnn_" + std::to_string(i + 1) + "/kernel");
      if (logit && last) break;
      if (conversion_.claims.has(scope + "/bn/moving_mean")) fold_behind(layers.back(), norm(scope + "/bn", inputs));
      layers.back().activation = activation(word, inputs);
    }
    if (layers.empty()) throw Error(conversion_.checkpoint.path, "has no " + name + "/dnn_0/kernel");
    return layers;
  }

  void add_tower(std::size_t number) {
    const EasyRecConfig::Tower& tower = config_.towers[number];
    Mlp mlp;
    mlp.name = tower.group;
    std::size_t width = 0;
    for (const std::string& feature : tower.features) {
      const EasyRecSlice place = tables_.in_tower(number, feature);
      mlp.parts.push_back({{format::Source::feature, place.feature, place.begin, place.width}, {}});
      width += place.width;
    }
    mlp.layers = take_dnn(tower.group + "_dnn", tower.activation, width, false);
    fold_before(mlp.layers[0], norm(tower.group + "_fea_bn", width));
    const auto output = static_cast<std::uint32_t>(width_of(mlp.layers.back()));
    const auto index = static_cast<std::uint32_t>(conversion_.network.mlps.size());
    conversion_.network.mlps.push_back(std::move(mlp));
    add_part(format::Source::mlp, index, 0, output);
  }

  // A matrix of zeros and ones takes the attention's own vectors out of those of the candidate.
  Layer query_selection(std::size_t key_width) const {
    std::size_t inputs = 0, row = 0, column = 0;
    for (const auto& [key, sequence] : config_.din.fields) inputs += width_of_feature(key);
    Layer layer;
    layer.weight = {inputs, key_width, Vector(inputs * key_width, 0.0)};
    for (const auto& [key, sequence] : config_.din.fields) {
      const EasyRecSlice place = tables_.in_attention(key);
      for (std::uint32_t i = 0; i < place.width; ++i) layer.weight.at(row + place.begin + i, column++) = 1;
      row += width_of_feature(key);
    }
    return layer;
  }

  std::uint32_t width_of_feature(const std::string& key) const {
    return conversion_.network.features[tables_.in_attention(key).feature].width;
  }

  void add_interest() {
    Interest interest;
    std::uint32_t width = 0;
    for (const auto& [key, sequence] : config_.din.fields) {
      const EasyRecSlice place = tables_.in_attention(key);
      interest.fields.push_back({place.feature, feature_index(conversion_, sequence)});
      width += place.width;
    }
    interest.query_layers = {query_selection(width)};
    interest.layers = take_dnn(config_.din.group + "_dnn", config_.din.activation, 4 * width, true);
    choose_normalizer(conversion_, interest, true, Certainty::preset);
    choose_scale(conversion_, interest, ScaleRecipe{}, width);
    choose_empty(conversion_, interest, format::EmptyHistory::zero, Certainty::preset);
    conversion_.network.interests.push_back(std::move(interest));
    // multi_tower_din.py:96: [hist_din_emb, cur_id].
    add_part(format::Source::interest, 0, 0, width);
    for (const auto& [key, sequence] : config_.din.fields) {
      const EasyRecSlice place = tables_.in_attention(key);
      add_part(format::Source::feature, place.feature, place.begin, place.width);
    }
  }

  void add_part(format::Source source, std::uint32_t index, std::uint32_t begin, std::uint32_t width) {
    conversion_.network.tower_parts.push_back({{source, index, begin, width}, {}});
  }

  void add_head() {
    Network& network = conversion_.network;
    network.tower = take_dnn("final_dnn", config_.final_activation, tower_width(network), false);
    network.tower.push_back(take_dense(conversion_, "output", width_of(network.tower.back())));
    const std::size_t classes = width_of(network.tower.back());
    if (classes > 2)
      conversion_.claims.fail("output/kernel", "has " + std::to_string(classes) + " classes; 1 or 2 are");
    // model/rank_model.py:98-135: probs_1 of two classes; the number itself where the loss is that of a regression.
    if (classes == 2) network.head.positive_class = 1;
    if (classes == 1) choose_link(conversion_, config_.link, Certainty::companion);
    conversion_.found(
        "batch norm",
        "folded, epsilon " + number_text(conversion_.recipe.epsilon.batch_norm.value_or(kBatchNormEpsilon)),
        conversion_.recipe.epsilon.batch_norm ? Certainty::recipe : Certainty::preset,
        RecipeLine{"epsilon",
                   "batch_norm = " + number_text(conversion_.recipe.epsilon.batch_norm.value_or(kBatchNormEpsilon))});
  }

  Conversion& conversion_;
  EasyRecConfig config_;
  EasyRecTables tables_;
};

void build(Conversion& conversion) { Builder(conversion).build(); }

bool recognises(const Checkpoint& checkpoint) {
  if (!checkpoint.find("output/kernel") || !checkpoint.find("final_dnn/dnn_0/kernel")) return false;
  for (const Tensor& tensor : checkpoint.tensors) {
    if (tensor.name.ends_with("_embedding/embedding_weights")) return true;
  }
  return false;
}

}  // namespace

extern const Preset kEasyRec = {"easyrec", "EasyRec (MultiTowerDIN)", recognises, build,
                                "final_dnn/dnn_0/kernel, output/kernel"};

}  // namespace dinghy::converter
