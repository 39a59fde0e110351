// The DIN of FuxiCTR's model zoo: model_zoo/DIN/src/DIN.py of version 2, pytorch/models/DIN.py of 1.0 to 1.2.
#include <algorithm>
#include <map>
#include <utility>

#include "converter/error.h"
#include "converter/presets/attention.h"
#include "converter/presets/codes/fuxictr_features.h"
#include "converter/presets/codes/fuxictr_groups.h"
#include "converter/presets/codes/fuxictr_log.h"
#include "converter/presets/codes/fuxictr_mlp.h"
#include "converter/presets/codes/fuxictr_tables.h"
#include "converter/presets/features.h"
#include "converter/presets/head.h"
#include "converter/presets/inputs.h"
#include "converter/presets/layers.h"
#include "converter/presets/presets.h"
#include "converter/presets/tower_parts.h"
#include "converter/text/quotes.h"

namespace dinghy::converter {
namespace {

using Type = FuxictrFeature::Type;

bool has_attention(const Checkpoint& checkpoint, const char* mlp) {
  return checkpoint.find(std::string("attention_layers.0.attention_layer.") + mlp + ".0.weight") != nullptr;
}

class Builder {
 public:
  explicit Builder(Conversion& conversion)
      : conversion_(conversion),
        names_(has_attention(conversion.checkpoint, "mlp") ? kFuxictr2 : kFuxictr1),
        parameters_(read_fuxictr_log(conversion.checkpoint)),
        features_(read_features()),
        tables_(conversion, names_) {}

  void build() {
    const std::vector<std::size_t> widths = key_widths();
    groups_ = fuxictr_groups(conversion_, features_, parameters_, widths, embedding_width());
    tables_.check_order(features_);
    report_parameters();
    for (const FuxictrFeature& feature : features_) {
      if (!feature.is_history()) add_feature(feature);
    }
    for (std::size_t i = 0; i < groups_.size(); ++i) add_columns(i);
    report_fuxictr_inputs(conversion_, groups_);
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
    if (const Document* map = conversion_.checkpoint.find_document("feature_map.json")) {
      std::vector<FuxictrFeature> features = read_feature_map(*map, parameters_);
      for (FuxictrFeature& feature : features) {
        if (feature.encoders.empty())
          feature.encoders = encoders_by_tensors(conversion_, names_.encoders + feature.name);
      }
      return features;
    }
    throw Error(conversion_.checkpoint.path,
                "a FuxiCTR checkpoint needs feature_map.json, and feature_vocab.json for raw ids: copy them beside it "
                "from the data set's folder, or give them with --companion");
  }

  void report_parameters() const {
    const auto found = [&](const std::string& value, Certainty sure) {
      conversion_.found("what training changed of the feature map", value, sure);
    };
    if (parameters_.source.empty()) return found("nothing: no log says otherwise", Certainty::assumed);
    if (parameters_.use_features) found("its features and their order, use_features", Certainty::companion);
    if (!parameters_.feature_specs.empty()) found("feature_specs, merged over it", Certainty::companion);
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

  // ---- features ----------------------------------------------------------------------------------------------------

  bool is_target(const std::string& name) const {
    return std::ranges::any_of(groups_, [&](const FuxictrGroup& g) { return std::ranges::count(g.targets, name) > 0; });
  }

  format::Role role(const FuxictrFeature& feature) const {
    // The one role that never is wrong for numbers: one of the user may come with every candidate.
    const bool candidate = is_target(feature.name) || !feature.has_table() || feature.source == "item";
    format::Role assumed = candidate ? format::Role::candidate : format::Role::user;
    if (feature.source == "user") assumed = format::Role::user;
    if (feature.source == "context") assumed = format::Role::context;
    return role_of(conversion_, feature.name, assumed);
  }

  void add_feature(const FuxictrFeature& feature) {
    if (!feature.has_table()) return add_dense(feature);
    const std::uint32_t index = add_id_feature(conversion_, feature.name, role(feature), tables_.table_of(feature));
    if (!feature.is_pooled()) return;
    Feature& bag = conversion_.network.features[index];
    bag.kind = format::FeatureKind::bag;
    bag.pooling = feature.pooling()->pooling;
    encoders_[feature.name] =
        take_encoders(conversion_, names_.encoders + feature.name, feature.encoders_of_vector(), bag.width);
  }

  // A number goes through Linear(1, width) without bias; a given vector has its encoder alone, a linear layer unless
  // the map says another.
  void add_dense(const FuxictrFeature& feature) {
    const bool numeric = feature.type == Type::numeric;
    const std::string encoder = names_.encoders + feature.name;
    const std::size_t given = input_width(conversion_, encoder, feature.encoders).value_or(feature.numbers);
    const std::uint32_t index =
        add_dense_feature(conversion_, feature.name, role(feature), numeric ? 1 : static_cast<std::uint32_t>(given));
    const Feature& dense = conversion_.network.features[index];
    if (numeric) {
      project_numbers(conversion_, index,
                      take_linear(conversion_.claims, names_.embeddings + feature.name + ".weight", "",
                                  WeightLayout::out_in, 1, "the feature"));
    }
    std::vector<Layer> layers = take_encoders(conversion_, encoder, feature.encoders_of_vector(), dense.width);
    if (!numeric && !layers.empty() && layers[0].activation.kind == format::ActivationKind::identity) {
      project_numbers(conversion_, index, std::move(layers[0]));
      layers.erase(layers.begin());
    }
    encoders_[feature.name] = std::move(layers);
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
      interest.layers = take_fuxictr_mlp(conversion_, attention(i), "attention", parameters_.attention_activation,
                                         4 * key_width(conversion_.network, interest.fields));
      if (const auto output = fuxictr_activation(conversion_.checkpoint, parameters_.attention_output)) {
        interest.layers.back().activation = plain_activation(*output);
      }
      conversion_.network.interests.push_back(std::move(interest));
    }
  }

  // A pooled history stands where its sequence stands in the map (DIN.py:127-130): its slice of the interest.
  Part part_of(const FuxictrFeature& feature) {
    for (std::uint32_t i = 0; i < groups_.size(); ++i) {
      std::uint32_t begin = 0;
      for (std::size_t j = 0; j < groups_[i].sequences.size(); ++j) {
        const std::uint32_t width = conversion_.network.features[fields_[i][j].key].width;
        if (groups_[i].sequences[j] == feature.name) return {{format::Source::interest, i, begin, width}, {}};
        begin += width;
      }
    }
    const std::uint32_t index = feature_index(conversion_, feature.name);
    const Part part = {{format::Source::feature, index, 0, conversion_.network.features[index].width}, {}};
    std::vector<Layer>& layers = encoders_[feature.name];
    return layers.empty() ? part : through_layers("encoder of " + feature.name, part, std::move(layers));
  }

  Part through_layers(const std::string& name, const Part& part, std::vector<Layer> layers) {
    const auto width = static_cast<std::uint32_t>(width_of(layers.back()));
    std::vector<Mlp>& mlps = conversion_.network.mlps;
    mlps.push_back({name, {part}, std::move(layers)});
    return {{format::Source::mlp, static_cast<std::uint32_t>(mlps.size() - 1), 0, width}, {}};
  }

  void add_tower() {
    Network& network = conversion_.network;
    for (const FuxictrFeature& feature : features_) network.tower_parts.push_back(part_of(feature));
    network.tower =
        take_fuxictr_mlp(conversion_, "dnn." + names_.mlp, "tower", parameters_.tower_activation, tower_width(network));
    choose_link(conversion_, parameters_.task == "regression" ? format::Link::identity : format::Link::sigmoid,
                parameters_.task ? Certainty::companion : Certainty::assumed);
  }

  Conversion& conversion_;
  const FuxictrNames& names_;
  FuxictrParameters parameters_;
  std::vector<FuxictrFeature> features_;
  FuxictrTables tables_;
  std::vector<FuxictrGroup> groups_;
  std::vector<std::vector<Field>> fields_;              // by group
  std::map<std::string, std::vector<Layer>> encoders_;  // behind the vector of a feature, by its name
};

bool recognises(const Checkpoint& checkpoint) {
  return has_attention(checkpoint, "mlp") || has_attention(checkpoint, "dnn");
}

void build(Conversion& conversion) { Builder(conversion).build(); }

}  // namespace

extern const Preset kFuxictr = {"fuxictr", "FuxiCTR", recognises, build,
                                "attention_layers.0.attention_layer.mlp.0.weight"};

}  // namespace dinghy::converter
