// MultiTowerDIN of TorchEasyRec with one DIN tower: tzrec/models/multi_tower_din.py.
#include <algorithm>
#include <map>
#include <optional>

#include "converter/error.h"
#include "converter/presets/codes/torch_easyrec_tables.h"
#include "converter/presets/ids.h"
#include "converter/presets/inputs.h"
#include "converter/presets/presets.h"
#include "converter/presets/torch_mlp.h"

namespace dinghy::converter {
namespace {

constexpr double kDiceEpsilon = 1e-5;  // modules/activation.py:40-59: nn.BatchNorm1d without an epsilon of its own
const std::string kDinTower = "din_towers.0.";

class Describer {
 public:
  explicit Describer(Conversion& conversion)
      : conversion_(conversion),
        config_(read_torch_easyrec_config(conversion.checkpoint)),
        tables_(torch_easyrec_tables(conversion, config_ ? &*config_ : nullptr)) {}

  NetworkRecipe describe() {
    require_one_din_tower();
    report_order();
    const std::uint32_t length = config_ ? config_->max_length : 0;
    network_.histories[0].max_length = {length, length > 0 ? Certainty::companion : Certainty::assumed};
    for (const TorchEasyRecTables::Tower& tower : tables_.towers) {
      for (const TorchEasyRecTable& table : tower.features) add_feature(table.feature, table.tensor);
    }
    for (const TorchEasyRecTables::Field& field : tables_.fields) add_column(field);
    network_.interests = {interest()};
    for (const TorchEasyRecTables::Tower& tower : tables_.towers) network_.mlps.push_back(deep(tower));
    network_.tower = tower();
    describe_head();
    return std::move(network_);
  }

 private:
  bool has(const std::string& prefix) const {
    return std::ranges::any_of(conversion_.checkpoint.tensors,
                               [&](const Tensor& tensor) { return tensor.name.starts_with(prefix); });
  }

  void require_one_din_tower() const {
    if (!has("din_towers.1.")) return;
    throw Error(conversion_.checkpoint.path,
                "has several DIN towers; this preset knows networks with one, so describe this one in a recipe with "
                "preset = \"generic\"");
  }

  void report_order() const {
    if (tables_.towers.empty()) return;
    const bool told = !named_inputs(conversion_.recipe.inputs).empty();
    if (config_) {
      conversion_.found("order of the features", "as in pipeline.config", Certainty::companion);
    } else {
      conversion_.found("order of the tower's features", told ? "as in [inputs]" : "as the file lists their tables",
                        told ? Certainty::recipe : Certainty::assumed);
    }
  }

  // What the configuration says, or nothing does.
  Certainty config_or(Certainty otherwise) const { return config_ ? Certainty::companion : otherwise; }

  std::uint32_t width(const std::string& tensor) const {
    const Tensor* rows = conversion_.checkpoint.find(tensor);
    if (!rows) return 0;
    if (rows->shape.size() == 2) return static_cast<std::uint32_t>(rows->shape[1]);
    conversion_.claims.fail(tensor, "has the shape " + rows->shape_text() + "; it is no table");
  }

  const TorchEasyRecTables::Field* field_of(const std::string& feature) const {
    const auto found = std::ranges::find_if(
        tables_.fields, [&](const TorchEasyRecTables::Field& field) { return field.query.feature == feature; });
    return found == tables_.fields.end() ? nullptr : &*found;
  }

  // ---- features ----------------------------------------------------------------------------------------------------

  // What is compared with behaviours is the candidate's; the configuration knows the side of the others.
  Sourced<format::Role> role(const std::string& name) const {
    const format::Role assumed = field_of(name) ? format::Role::candidate : format::Role::user;
    const bool knows = config_ && !field_of(name);
    return {knows ? config_->feature(name).role.value_or(assumed) : assumed, config_or(Certainty::assumed)};
  }

  void add_table(TableRecipe table) {
    if (config_ && !config_->feature(table.name).words.empty()) {
      const TorchEasyRecConfig::Feature& feature = config_->feature(table.name);
      conversion_.found_ids[table.name] = {vocabulary_of(table.name, feature.words), feature.unknown_row};
    }
    network_.tables.push_back(std::move(table));
  }

  bool is_known(const std::string& feature) const {
    return std::ranges::find(network_.features, feature, &FeatureRecipe::name) != network_.features.end();
  }

  // `tensor`: the towers' table; empty for numbers, and for a feature of the query alone. A candidate's row is that of
  // its towers' table, then that of its query's.
  void add_feature(const std::string& name, const std::string& tensor) {
    if (is_known(name)) return;  // in an earlier tower: one table for all of them
    const TorchEasyRecTables::Field* field = field_of(name);
    FeatureRecipe feature{.name = name, .role = role(name)};
    if (tensor.empty() && !field) {
      feature.dense = config_->feature(name).width;
    } else {
      feature.table = name;
      if (field && !tensor.empty()) {
        add_table({.name = name, .beside = {tensor, field->query.tensor}});
        deep_[name] = VectorRecipe::Cut{0, width(tensor)};
      } else {
        add_table({.name = name, .tensor = field ? field->query.tensor : tensor});
      }
    }
    network_.features.push_back(std::move(feature));
  }

  void add_column(const TorchEasyRecTables::Field& field) {
    add_feature(field.query.feature, "");
    add_table({.name = field.key.feature, .tensor = field.key.tensor});
    // embedding.py pads the looked-up vectors with zeros, not the ids.
    network_.features.push_back({.name = field.key.feature,
                                 .role = format::Role::history,
                                 .table = field.key.feature,
                                 .in_history = {true, config_or(Certainty::file)},
                                 .pad_row = {-1, Certainty::preset}});
  }

  // ---- layers ------------------------------------------------------------------------------------------------------

  // `told`: the activation that the configuration says.
  std::vector<LayerRecipe> mlp(const std::string& prefix, const std::string& part,
                               std::optional<format::ActivationKind> told) const {
    std::vector<std::string> modules;
    for (std::size_t i = 0; has(prefix + std::to_string(i) + "."); ++i) {
      const std::string perceptron = prefix + std::to_string(i) + ".perceptron";
      for (std::string& module : sequential_modules(conversion_.checkpoint, perceptron)) modules.push_back(module);
    }
    TorchMlp mlp;
    mlp.part = part;
    mlp.dice_epsilon = kDiceEpsilon;
    if (told) mlp.assumed = *told;
    if (told) mlp.assumed_certainty = Certainty::companion;
    return describe_torch_mlp(conversion_, torch_layers(conversion_.checkpoint, modules), mlp);
  }

  static LayerRecipe linear(const std::string& name) { return {.weight = name + ".weight", .bias = name + ".bias"}; }

  // The query is cut out of the candidate's rows; what a narrower one lacks is zero (modules/sequence.py:113-114).
  InterestRecipe interest() const {
    InterestRecipe interest;
    for (const TorchEasyRecTables::Field& field : tables_.fields) {
      const auto deep = deep_.find(field.query.feature);
      const std::uint32_t begin = deep == deep_.end() ? 0 : deep->second.end, query = width(field.query.tensor);
      interest.fields.push_back({field.query.feature, field.key.feature, VectorRecipe::Cut{begin, begin + query}});
      if (query != width(field.key.tensor)) interest.pad_query = true;
    }
    interest.parts = {"q", "k", "q-k", "q*k"};
    interest.layers = mlp(kDinTower + "mlp.mlp.", "attention", config_ ? config_->din.activation : std::nullopt);
    interest.layers.push_back(linear(kDinTower + "linear"));
    interest.normalizer = {format::Normalizer::softmax, Certainty::preset};
    interest.scale.certainty = Certainty::preset;
    interest.empty = {format::EmptyHistory::zero, Certainty::preset};
    return interest;
  }

  std::optional<format::ActivationKind> tower_activation(const std::string& group) const {
    if (!config_) return std::nullopt;
    return std::ranges::find(config_->towers, group, &TorchEasyRecConfig::Tower::group)->activation;
  }

  TowerPartsRecipe deep(const TorchEasyRecTables::Tower& tower) const {
    TowerPartsRecipe deep{.name = tower.group};
    for (const TorchEasyRecTable& table : tower.features) {
      VectorRecipe vector{.name = table.feature};
      if (const auto cut = deep_.find(table.feature); cut != deep_.end()) vector.cut = cut->second;
      deep.inputs.push_back({.vectors = {vector}});
    }
    deep.layers = mlp("towers." + tower.group + ".mlp.", "tower", tower_activation(tower.group));
    return deep;
  }

  TowerPartsRecipe tower() const {
    TowerPartsRecipe tower;
    for (const TowerPartsRecipe& mlp : network_.mlps) {
      tower.inputs.push_back({{{.name = mlp.name, .of = VectorRecipe::Of::mlp}}});
    }
    tower.inputs.push_back({{{.name = "interest", .of = VectorRecipe::Of::interest}}});
    if (has("final_mlp.")) {
      tower.layers = mlp("final_mlp.mlp.", "tower", config_ ? config_->final_activation : std::nullopt);
    }
    tower.layers.push_back(linear("output_mlp"));
    return tower;
  }

  // models/rank_model.py: "probs1" is the second of two.
  void describe_head() {
    const Tensor* output = conversion_.checkpoint.find("output_mlp.weight");
    if (output && !output->shape.empty() && output->shape[0] == 2) {
      network_.head.positive_class = 1;
      network_.head.link.certainty = Certainty::preset;
      return;
    }
    const std::optional<format::Link> link = config_ ? config_->link : std::nullopt;
    network_.head.link = {link.value_or(format::Link::sigmoid), link ? Certainty::companion : Certainty::assumed};
  }

  Conversion& conversion_;
  std::optional<TorchEasyRecConfig> config_;
  TorchEasyRecTables tables_;
  NetworkRecipe network_;
  std::map<std::string, VectorRecipe::Cut> deep_;  // the towers' numbers of features that the query has, too
};

NetworkRecipe describe(Conversion& conversion) { return Describer(conversion).describe(); }

bool recognises(const Checkpoint& checkpoint) {
  return checkpoint.find("output_mlp.weight") && checkpoint.find(kDinTower + "linear.weight") &&
         checkpoint.find(kDinTower + "mlp.mlp.0.perceptron.0.weight");
}

}  // namespace

extern const Preset kTorchEasyRec = {.name = "torch-easyrec",
                                     .package = "TorchEasyRec",
                                     .recognises = recognises,
                                     .signature = "output_mlp.weight, din_towers.0.mlp.mlp.0.perceptron.0.weight",
                                     .describe = describe};

}  // namespace dinghy::converter
