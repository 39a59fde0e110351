// The DIN of FuxiCTR's model zoo: model_zoo/DIN/src/DIN.py of version 2, pytorch/models/DIN.py of 1.0 to 1.2.
#include <algorithm>
#include <utility>

#include "converter/error.h"
#include "converter/presets/codes/fuxictr_features.h"
#include "converter/presets/codes/fuxictr_groups.h"
#include "converter/presets/codes/fuxictr_log.h"
#include "converter/presets/codes/fuxictr_mlp.h"
#include "converter/presets/codes/fuxictr_tables.h"
#include "converter/presets/presets.h"

namespace dinghy::converter {
namespace {

using Type = FuxictrFeature::Type;

bool has_attention(const Checkpoint& checkpoint, const char* mlp) {
  return checkpoint.find(std::string("attention_layers.0.attention_layer.") + mlp + ".0.weight") != nullptr;
}

class Describer {
 public:
  explicit Describer(Conversion& conversion)
      : conversion_(conversion),
        names_(has_attention(conversion.checkpoint, "mlp") ? kFuxictr2 : kFuxictr1),
        parameters_(read_fuxictr_log(conversion.checkpoint)),
        features_(read_features()),
        tables_(conversion, names_) {}

  NetworkRecipe describe() {
    groups_ = fuxictr_groups(conversion_, features_, parameters_, key_widths(), embedding_width());
    tables_.check_order(features_);
    report_parameters();
    for (const FuxictrFeature& feature : features_) {
      if (!feature.is_history()) add_feature(feature);
    }
    network_.histories.clear();
    for (const FuxictrGroup& group : groups_) add_columns(group);
    for (std::size_t i = 0; i < groups_.size(); ++i) network_.interests.push_back(interest(i));
    network_.tower = tower();
    network_.head.link = {parameters_.task == "regression" ? format::Link::identity : format::Link::sigmoid,
                          parameters_.task ? Certainty::companion : Certainty::assumed};
    network_.tables = tables_.tables();
    return std::move(network_);
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

  Sourced<format::Role> role(const FuxictrFeature& feature) const {
    // The one role that never is wrong for numbers: one of the user may come with every candidate.
    const bool candidate = is_target(feature.name) || !feature.has_table() || feature.source == "item";
    format::Role role = candidate ? format::Role::candidate : format::Role::user;
    if (feature.source == "user") role = format::Role::user;
    if (feature.source == "context") role = format::Role::context;
    return {role, Certainty::assumed};
  }

  void add_feature(const FuxictrFeature& feature) {
    FeatureRecipe described{.name = feature.name, .role = role(feature)};
    std::vector<LayerRecipe> layers =
        encoder_layers(conversion_, names_.encoders + feature.name, feature.encoders_of_vector());
    if (feature.has_table()) {
      described.table = tables_.table_of(feature);
      if (feature.is_pooled()) described.bag = feature.pooling()->pooling;
    } else {
      describe_numbers(feature, described, layers);
    }
    network_.features.push_back(std::move(described));
    if (layers.empty()) return;
    network_.mlps.push_back({.name = encoder_of(feature.name),
                             .is_tower = false,
                             .inputs = {{.vectors = {{.name = feature.name}}}},
                             .layers = std::move(layers)});
  }

  // A number goes through Linear(1, width) without bias; a given vector has its encoder alone, a linear layer unless
  // the map says another.
  void describe_numbers(const FuxictrFeature& feature, FeatureRecipe& described,
                        std::vector<LayerRecipe>& layers) const {
    if (feature.type == Type::numeric) {
      described.dense = 1;
      described.projection = names_.embeddings + feature.name + ".weight";
      return;
    }
    const auto given = input_width(conversion_, names_.encoders + feature.name, feature.encoders);
    described.dense = static_cast<std::uint32_t>(given.value_or(feature.numbers));
    if (layers.empty() || layers[0].activation) return;
    described.projection = layers[0].weight;
    described.projection_bias = layers[0].bias;
    layers.erase(layers.begin());
  }

  static std::string encoder_of(const std::string& feature) { return "encoder of " + feature; }

  // ---- histories ---------------------------------------------------------------------------------------------------

  // Every group has a history of its own: only its first field masks it (DIN.py:125), and groups may differ in length.
  void add_columns(const FuxictrGroup& group) {
    const FuxictrFeature& first = spec(group.sequences[0]);
    SequenceRecipe history{.max_length = {first.max_length, Certainty::companion}};
    if (groups_.size() > 1) history.name = first.name;
    // The side of padding is the side where it is cut, "post" unless said (preprocess/tokenizer.py:175-177).
    const auto keep = parameters_.keep.find(first.name);
    const bool said = keep != parameters_.keep.end();
    history.keep = {said ? keep->second : format::Keep::first, said ? Certainty::companion : Certainty::assumed};
    // Without a vocabulary ids are rows, and a caller may pass the one of padding.
    if (!tables_.has_vocabulary(first)) history.mask.value = format::Mask::first_id;
    std::vector<FieldRecipe>& fields = fields_.emplace_back();
    for (std::size_t i = 0; i < group.sequences.size(); ++i) {
      fields.push_back(add_column(spec(group.sequences[i]), group.targets[i], history.name));
    }
    network_.histories.push_back(std::move(history));
  }

  // A column has the name of the candidate's field, unless that is a column already.
  FieldRecipe add_column(const FuxictrFeature& sequence, const std::string& target, const std::string& history) {
    const std::string table = tables_.table_of(sequence);
    FeatureRecipe* column = &*std::ranges::find(network_.features, target, &FeatureRecipe::name);
    if (column->in_history.value) {
      column = &network_.features.emplace_back();
      column->name = sequence.name;
      column->role = format::Role::history;
      column->table = table;
    } else if (column->table != table) {
      column->history_table = table;
    }
    const bool by_recipe = conversion_.recipe.inputs.history.has_value();
    column->in_history = {true, by_recipe ? Certainty::recipe : Certainty::companion};
    if (groups_.size() > 1) column->history = history;
    column->pad_id = sequence.padding_row.value_or(0);
    column->pad_row = {column->pad_id, Certainty::preset};
    return {target, column->name};
  }

  // ---- layers ------------------------------------------------------------------------------------------------------

  InterestRecipe interest(std::size_t i) const {
    InterestRecipe interest;
    if (groups_.size() > 1) interest.name = groups_[i].sequences[0];
    interest.fields = fields_[i];
    interest.parts = {"q", "k", "q-k", "q*k"};
    interest.layers = fuxictr_mlp(conversion_, attention(i), "attention", parameters_.attention_activation);
    const auto output = fuxictr_activation(conversion_.checkpoint, parameters_.attention_output);
    if (output) interest.layers.back().activation = {.word = {word_of(*output), Certainty::companion}};
    interest.normalizer = {parameters_.softmax == "True" ? format::Normalizer::softmax : format::Normalizer::raw,
                           parameters_.softmax ? Certainty::companion : Certainty::assumed};
    interest.scale.certainty = Certainty::preset;
    interest.empty.certainty = Certainty::preset;  // masked logits all are -1e9 (target_attention.py:87)
    return interest;
  }

  // A pooled history stands where its sequence stands in the map (DIN.py:127-130): its slice of the interest.
  VectorRecipe slice_of(const std::string& sequence) const {
    for (std::size_t i = 0; i < groups_.size(); ++i) {
      std::uint32_t begin = 0;
      for (const std::string& name : groups_[i].sequences) {
        const auto end = static_cast<std::uint32_t>(begin + tables_.width(spec(name)));
        if (name == sequence) {
          return {.name = network_.interests[i].name,
                  .of = VectorRecipe::Of::interest,
                  .cut = VectorRecipe::Cut{begin, end}};
        }
        begin = end;
      }
    }
    return {};
  }

  VectorRecipe vector_of(const FuxictrFeature& feature) const {
    if (feature.is_history()) return slice_of(feature.name);
    const std::string encoder = encoder_of(feature.name);
    const bool is_encoded = std::ranges::find(network_.mlps, encoder, &TowerPartsRecipe::name) != network_.mlps.end();
    if (is_encoded) return {.name = encoder, .of = VectorRecipe::Of::mlp};
    return {.name = feature.name};
  }

  TowerPartsRecipe tower() const {
    TowerPartsRecipe tower;
    for (const FuxictrFeature& feature : features_) tower.inputs.push_back({.vectors = {vector_of(feature)}});
    tower.layers = fuxictr_mlp(conversion_, "dnn." + names_.mlp, "tower", parameters_.tower_activation);
    return tower;
  }

  Conversion& conversion_;
  const FuxictrNames& names_;
  FuxictrParameters parameters_;
  std::vector<FuxictrFeature> features_;
  FuxictrTables tables_;
  std::vector<FuxictrGroup> groups_;
  NetworkRecipe network_;
  std::vector<std::vector<FieldRecipe>> fields_;  // by group
};

NetworkRecipe describe(Conversion& conversion) { return Describer(conversion).describe(); }

bool recognises(const Checkpoint& checkpoint) {
  return has_attention(checkpoint, "mlp") || has_attention(checkpoint, "dnn");
}

}  // namespace

extern const Preset kFuxictr = {.name = "fuxictr",
                                .package = "FuxiCTR",
                                .recognises = recognises,
                                .signature = "attention_layers.0.attention_layer.mlp.0.weight",
                                .describe = describe};

}  // namespace dinghy::converter
