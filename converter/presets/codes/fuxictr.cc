// The DIN of FuxiCTR's model zoo: model_zoo/DIN/src/DIN.py of version 2, pytorch/models/DIN.py of 1.0 to 1.2.
#include <algorithm>
#include <cctype>
#include <map>

#include "converter/error.h"
#include "converter/presets/attention.h"
#include "converter/presets/codes/fuxictr_features.h"
#include "converter/presets/codes/fuxictr_groups.h"
#include "converter/presets/codes/fuxictr_log.h"
#include "converter/presets/codes/fuxictr_tables.h"
#include "converter/presets/features.h"
#include "converter/presets/head.h"
#include "converter/presets/inputs.h"
#include "converter/presets/layers.h"
#include "converter/presets/presets.h"
#include "converter/presets/torch_mlp.h"
#include "converter/presets/tower_inputs.h"
#include "converter/presets/tower_parts.h"
#include "converter/text/quotes.h"

namespace dinghy::converter {
namespace {

using Type = FuxictrFeature::Type;

constexpr double kDiceEpsilon = 1e-9;   // pytorch/layers/activations.py:35
constexpr double kDiceEpsilon0 = 1e-8;  // pytorch/layers/activation.py of 1.0, whose Dice has gamma and beta

bool has_attention(const Checkpoint& checkpoint, const char* mlp) {
  return checkpoint.find(std::string("attention_layers.0.attention_layer.") + mlp + ".0.weight") != nullptr;
}

class Builder {
 public:
  explicit Builder(Conversion& conversion)
      : conversion_(conversion),
        names_(has_attention(conversion.checkpoint, "mlp") ? kFuxictr2 : kFuxictr1),
        features_(read_features()),
        parameters_(read_fuxictr_log(conversion.checkpoint)),
        tables_(conversion, names_) {}

  void build() {
    const std::vector<std::size_t> widths = key_widths();
    groups_ = fuxictr_groups(conversion_, features_, parameters_, widths, embedding_width());
    check_order();
    for (const FuxictrFeature& feature : features_) {
      if (!feature.is_history()) add_feature(feature);
    }
    for (std::size_t i = 0; i < groups_.size(); ++i) add_columns(i);
    check_inputs(conversion_);
    report_roles(conversion_, roles_certainty(conversion_), Certainty::companion);
    add_interests();
    add_tower();
  }

 private:
  std::vector<FuxictrFeature> read_features() const {
    if (const Document* yaml = conversion_.checkpoint.find_document("model_config.yaml")) {
      throw Error(yaml->source,
                  "is YAML, which is not read; the training's MODEL.log says the same, or say in a recipe [attention] "
                  "softmax (din_use_softmax) and activation (attention_hidden_activations), [tower] activation "
                  "(dnn_activations) and [head] link (task)");
    }
    if (const Document* map = conversion_.checkpoint.find_document("feature_map.json")) return read_feature_map(*map);
    throw Error(conversion_.checkpoint.path,
                "a FuxiCTR checkpoint needs feature_map.json, and feature_vocab.json for raw ids: copy them beside it "
                "from the data set's folder, or give them with --companion");
  }

  const FuxictrFeature& spec(const std::string& name) const {
    return *std::ranges::find(features_, name, &FuxictrFeature::name);
  }

  std::string attention(std::size_t i) const {
    return "attention_layers." + std::to_string(i) + ".attention_layer." + names_.mlp;
  }

  // Of every attention layer, from the weight that takes [q, k, q-k, q*k].
  std::vector<std::size_t> key_widths() const {
    std::vector<std::size_t> widths;
    for (std::size_t i = 0;; ++i) {
      const Tensor* first = conversion_.checkpoint.find(attention(i) + ".0.weight");
      if (!first) return widths;
      if (first->shape.size() != 2) conversion_.claims.fail(first->name, "is not the weight of a layer");
      widths.push_back(static_cast<std::size_t>(first->shape[1]) / 4);
    }
  }

  std::size_t embedding_width() const {
    const auto history = std::ranges::find_if(features_, &FuxictrFeature::is_history);
    if (history == features_.end()) throw Error(conversion_.checkpoint.path, "its feature map has no history");
    return tables_.width(*history);
  }

  // use_features may have put the features into another order than the map's; state_dicts show it.
  void check_order() const {
    if (!conversion_.checkpoint.format.starts_with("pytorch")) return;
    std::vector<std::string> by_map, by_file;
    for (const FuxictrFeature& feature : features_) {
      if (tables_.has_own_tensor(feature)) by_map.push_back(feature.name);
    }
    for (const Tensor& tensor : conversion_.checkpoint.tensors) {
      for (const std::string& name : by_map) {
        if (tensor.name.starts_with(names_.embeddings + name + ".") && std::ranges::count(by_file, name) == 0) {
          by_file.push_back(name);
        }
      }
    }
    if (by_file == by_map) return;
    throw Error(conversion_.checkpoint.path,
                "has the features in another order than its feature map (use_features does that); give with "
                "--companion a feature_map.json whose features stand in the order of the training");
  }

  // ---- features ----------------------------------------------------------------------------------------------------

  bool is_target(const std::string& name) const {
    return std::ranges::any_of(groups_, [&](const FuxictrGroup& g) { return std::ranges::count(g.targets, name) > 0; });
  }

  format::Role role(const FuxictrFeature& feature) const {
    // The one role that never is wrong for numbers: one of the user may come with every candidate.
    const bool candidate = is_target(feature.name) || feature.type == Type::numeric || feature.source == "item";
    format::Role assumed = candidate ? format::Role::candidate : format::Role::user;
    if (feature.source == "user") assumed = format::Role::user;
    if (feature.source == "context") assumed = format::Role::context;
    return role_of(conversion_, feature.name, assumed);
  }

  void add_feature(const FuxictrFeature& feature) {
    if (feature.type == Type::numeric || feature.type == Type::embedding) return add_dense(feature);
    const std::uint32_t index = add_id_feature(conversion_, feature.name, role(feature), tables_.table_of(feature));
    if (!feature.is_pooled()) return;
    Feature& bag = conversion_.network.features[index];
    bag.kind = format::FeatureKind::bag;
    bag.pooling = feature.encoder.find("Average") == std::string::npos ? format::Pooling::sum : format::Pooling::mean;
  }

  // A number goes through Linear(1, width) without bias, a given vector through Linear(pretrain_dim, width).
  void add_dense(const FuxictrFeature& feature) {
    const std::string weight =
        (feature.type == Type::numeric ? names_.embeddings : names_.encoders) + feature.name + ".weight";
    const Tensor* tensor = conversion_.checkpoint.find(weight);
    const std::uint32_t width = tensor && tensor->shape.size() == 2 ? static_cast<std::uint32_t>(tensor->shape[1]) : 1;
    const std::uint32_t index = add_dense_feature(conversion_, feature.name, role(feature), width);
    project_numbers(conversion_, index,
                    take_linear(conversion_.claims, weight, "", WeightLayout::out_in, width, "the feature"));
  }

  // ---- histories ---------------------------------------------------------------------------------------------------

  // Every group has a history of its own: only its first field masks it (DIN.py:125), and groups may differ in length.
  void add_columns(std::size_t group) {
    const FuxictrFeature& first = spec(groups_[group].sequences[0]);
    HistoryRecipe recipe = conversion_.recipe.history;
    if (groups_.size() > 1) recipe.name = first.name;
    Sequence sequence;
    sequence.max_length = first.max_length;
    // The side of padding is the side where it is cut, "post" unless said (preprocess/tokenizer.py:175-177).
    const auto keep = parameters_.keep.find(first.name);
    const bool said = keep != parameters_.keep.end();
    sequence.keep = said ? keep->second : format::Keep::first;
    // Without a vocabulary ids are rows, and a caller may pass the one of padding.
    if (!tables_.has_vocabulary(first)) sequence.mask = format::Mask::first_id;
    add_history(conversion_, recipe, sequence, Certainty::companion, said ? Certainty::companion : Certainty::assumed);
    std::vector<Field>& fields = fields_.emplace_back();
    for (std::size_t i = 0; i < groups_[group].sequences.size(); ++i) {
      fields.push_back(add_column(spec(groups_[group].sequences[i]), groups_[group].targets[i], group));
    }
  }

  // A column has the name of the candidate's field, unless that is a column already.
  Field add_column(const FuxictrFeature& history, const std::string& target, std::size_t group) {
    const std::uint32_t query = feature_index(conversion_, target);
    const int table = tables_.table_of(history);
    const bool free = conversion_.network.features[query].sequence < 0;
    const std::uint32_t key = free ? query : add_id_feature(conversion_, history.name, format::Role::history, table);
    put_in_history(conversion_, key, table, static_cast<int>(group));
    Feature& column = conversion_.network.features[key];
    const std::int64_t pad = history.padding_row.value_or(0);
    column.pad_id = pad;
    if (!conversion_.recipe.history.pad_row) set_pad_row(conversion_, key, pad);
    if (conversion_.network.features[query].width != column.width) {
      throw Error(conversion_.checkpoint.path, in_quotes(target) + " and " + in_quotes(history.name) +
                                                   ", which are compared, have vectors of different widths");
    }
    return {query, key};
  }

  // ---- layers ------------------------------------------------------------------------------------------------------

  std::vector<Layer> take_mlp(const std::string& prefix, const TorchMlp& mlp, std::size_t inputs) {
    const Checkpoint& checkpoint = conversion_.checkpoint;
    return take_torch_mlp(conversion_, torch_layers(checkpoint, sequential_modules(checkpoint, prefix)), mlp, inputs);
  }

  bool has_affine_dice() const {
    return std::ranges::any_of(conversion_.checkpoint.tensors,
                               [](const Tensor& tensor) { return tensor.name.ends_with(".bn.weight"); });
  }

  // An activation without tensors: what the log says, else relu, the default of both (torch_utils.py:126-138).
  TorchMlp mlp_of(const std::string& part, const std::optional<format::ActivationKind>& by_recipe,
                  const std::optional<std::string>& by_log) const {
    TorchMlp mlp;
    mlp.part = part;
    mlp.by_recipe = by_recipe;
    mlp.ends_in_logit = true;
    mlp.dice_epsilon = has_affine_dice() ? kDiceEpsilon0 : kDiceEpsilon;
    if (const auto kind = activation_kind(by_log)) {
      mlp.assumed = *kind;
      mlp.assumed_certainty = Certainty::companion;
    }
    return mlp;
  }

  // Dice and PReLU show in the tensors.
  std::optional<format::ActivationKind> activation_kind(const std::optional<std::string>& word) const {
    using Kind = format::ActivationKind;
    static const std::map<std::string, std::optional<Kind>> kKinds = {{"", {}},
                                                                      {"dice", {}},
                                                                      {"prelu", {}},
                                                                      {"relu", Kind::relu},
                                                                      {"sigmoid", Kind::sigmoid},
                                                                      {"tanh", Kind::tanh},
                                                                      {"none", Kind::identity},
                                                                      {"identity", Kind::identity}};
    std::string lower = word.value_or("");
    std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    const auto known = kKinds.find(lower);
    if (known != kKinds.end()) return known->second;
    throw Error(conversion_.checkpoint.path,
                "its log says the activation " + in_quotes(*word) + ", which is not known here");
  }

  void add_interests() {
    Interest knobs;
    choose_normalizer(conversion_, knobs, parameters_.softmax == "True",
                      parameters_.softmax ? Certainty::companion : Certainty::assumed);
    choose_scale(conversion_, knobs, ScaleRecipe{}, 0);
    // Masked logits all are -1e9 (target_attention.py:87), so softmax averages the rows of padding.
    const bool softmax = knobs.normalizer == format::Normalizer::softmax;
    choose_empty(conversion_, knobs, softmax ? format::EmptyHistory::pad_row : format::EmptyHistory::zero,
                 Certainty::preset);
    for (std::size_t i = 0; i < groups_.size(); ++i) {
      Interest interest = knobs;
      if (groups_.size() > 1) interest.name = groups_[i].sequences[0];
      interest.sequence = static_cast<std::uint32_t>(i);
      interest.fields = fields_[i];
      interest.layers = take_mlp(
          attention(i), mlp_of("attention", conversion_.recipe.attention.activation, parameters_.attention_activation),
          4 * interest_width(conversion_.network, interest));
      if (const auto output = activation_kind(parameters_.attention_output)) {
        interest.layers.back().activation = plain_activation(*output);
      }
      conversion_.network.interests.push_back(std::move(interest));
    }
  }

  // A pooled history stands where its sequence stands in the map (DIN.py:127-130): its slice of the interest.
  Part part_of(const FuxictrFeature& feature) const {
    for (std::uint32_t i = 0; i < groups_.size(); ++i) {
      std::uint32_t begin = 0;
      for (std::size_t j = 0; j < groups_[i].sequences.size(); ++j) {
        const std::uint32_t width = conversion_.network.features[fields_[i][j].key].width;
        if (groups_[i].sequences[j] == feature.name) return {{format::Source::interest, i, begin, width}, {}};
        begin += width;
      }
    }
    const std::uint32_t index = feature_index(conversion_, feature.name);
    return {{format::Source::feature, index, 0, conversion_.network.features[index].width}, {}};
  }

  void add_tower() {
    Network& network = conversion_.network;
    for (const FuxictrFeature& feature : features_) network.tower_parts.push_back(part_of(feature));
    network.tower = take_mlp("dnn." + names_.mlp,
                             mlp_of("tower", conversion_.recipe.tower.activation, parameters_.tower_activation),
                             tower_width(network));
    choose_link(conversion_, parameters_.task == "regression" ? format::Link::identity : format::Link::sigmoid,
                parameters_.task ? Certainty::companion : Certainty::assumed);
  }

  Conversion& conversion_;
  const FuxictrNames& names_;
  std::vector<FuxictrFeature> features_;
  FuxictrParameters parameters_;
  FuxictrTables tables_;
  std::vector<FuxictrGroup> groups_;
  std::vector<std::vector<Field>> fields_;  // by group
};

bool recognises(const Checkpoint& checkpoint) {
  return has_attention(checkpoint, "mlp") || has_attention(checkpoint, "dnn");
}

void build(Conversion& conversion) { Builder(conversion).build(); }

}  // namespace

extern const Preset kFuxictr = {"fuxictr", "FuxiCTR", recognises, build,
                                "attention_layers.0.attention_layer.mlp.0.weight"};

}  // namespace dinghy::converter
