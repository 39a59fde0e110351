// MultiTowerDIN of TorchEasyRec with one DIN tower: tzrec/models/multi_tower_din.py.
#include <algorithm>
#include <map>
#include <optional>

#include "converter/block_matrix.h"
#include "converter/error.h"
#include "converter/presets/attention.h"
#include "converter/presets/codes/torch_easyrec_tables.h"
#include "converter/presets/features.h"
#include "converter/presets/head.h"
#include "converter/presets/ids.h"
#include "converter/presets/inputs.h"
#include "converter/presets/layers.h"
#include "converter/presets/presets.h"
#include "converter/presets/torch_mlp.h"
#include "converter/presets/tower_parts.h"

namespace dinghy::converter {
namespace {

constexpr double kDiceEpsilon = 1e-5;  // modules/activation.py:40-59: nn.BatchNorm1d without an epsilon of its own
const std::string kDinTower = "din_towers.0.";

// The candidate's vector: the row of its tower's table, if it has one, then that of its query's table, if it has one.
struct CandidateVector {
  std::uint32_t feature = 0;
  std::uint32_t tower = 0, query = 0;  // widths
};

class Builder {
 public:
  explicit Builder(Conversion& conversion)
      : conversion_(conversion),
        config_(read_torch_easyrec_config(conversion.checkpoint)),
        tables_(torch_easyrec_tables(conversion, config_ ? &*config_ : nullptr)) {}

  void build() {
    require_one_din_tower();
    for (const TorchEasyRecTables::Tower& tower : tables_.towers) {
      for (const TorchEasyRecTable& table : tower.features) add_feature(table.feature, table.tensor);
    }
    for (const auto& field : tables_.fields) add_field(field);
    check_inputs(conversion_);
    const Certainty roles = roles_certainty(conversion_);
    report_roles(conversion_, config_ && roles == Certainty::assumed ? Certainty::companion : roles,
                 config_ ? Certainty::companion : Certainty::file);
    report_order();
    const std::uint32_t length = config_ ? config_->max_length : 0;
    add_history(conversion_, length, length > 0 ? Certainty::companion : Certainty::assumed);
    add_interest();
    for (const TorchEasyRecTables::Tower& tower : tables_.towers) add_tower(tower);
    add_head();
  }

 private:
  bool has(const std::string& prefix) const {
    for (const Tensor& tensor : conversion_.checkpoint.tensors) {
      if (tensor.name.starts_with(prefix)) return true;
    }
    return false;
  }

  void require_one_din_tower() const {
    if (!has("din_towers.1.")) return;
    throw Error(conversion_.checkpoint.path,
                "has several DIN towers; this preset knows networks with one, so describe this one in a recipe with "
                "preset = \"generic\"");
  }

  void report_order() {
    if (tables_.towers.empty()) return;
    const bool told = !named_inputs(conversion_.recipe.inputs).empty();
    if (config_) {
      conversion_.found("order of the features", "as in pipeline.config", Certainty::companion);
    } else {
      conversion_.found("order of the tower's features", told ? "as in [inputs]" : "as the file lists their tables",
                        told ? Certainty::recipe : Certainty::assumed);
    }
  }

  const TorchEasyRecTable* query_table(const std::string& feature) const {
    for (const auto& field : tables_.fields) {
      if (field.query.feature == feature) return &field.query;
    }
    return nullptr;
  }

  // What is compared with behaviours is the candidate's; the configuration knows the side of the others.
  format::Role role(const std::string& name) const {
    format::Role assumed = query_table(name) ? format::Role::candidate : format::Role::user;
    if (config_ && !query_table(name)) assumed = config_->feature(name).role.value_or(assumed);
    return role_of(conversion_, name, assumed);
  }

  // A table of one or several features.
  int add_ids(const Tensor& rows, const std::string& name) {
    const int index = add_table(conversion_, rows, name);
    if (!config_ || config_->feature(name).words.empty()) return index;
    const TorchEasyRecConfig::Feature& feature = config_->feature(name);
    use_vocabulary(conversion_, index, name, vocabulary_of(name, feature.words));
    if (conversion_.recipe.ids.contains(name)) return index;
    Table& table = conversion_.network.tables.at(static_cast<std::size_t>(index));
    table.missing = format::MissingId::row;
    table.missing_row = feature.unknown_row;
    return index;
  }

  // `tensor`: the towers' table; empty for numbers, and for a feature of the query alone.
  void add_feature(const std::string& name, const std::string& tensor) {
    if (vectors_.contains(name)) return;  // in an earlier tower: one table for all of them
    const TorchEasyRecTable* query = query_table(name);
    CandidateVector& vector = vectors_[name];
    if (tensor.empty() && !query) {
      vector.tower = config_->feature(name).width;
      vector.feature = add_dense_feature(conversion_, name, role(name), vector.tower);
      return;
    }
    std::vector<Block> blocks;
    if (!tensor.empty()) {
      blocks.push_back({0, 0, table(tensor)});
      vector.tower = static_cast<std::uint32_t>(blocks[0].tensor.shape[1]);
    }
    if (query) {
      const Tensor& rows = table(query->tensor);
      vector.query = static_cast<std::uint32_t>(rows.shape[1]);
      blocks.push_back({0, vector.tower, rows});
    }
    const Tensor rows = blocks.size() == 1
                            ? blocks[0].tensor
                            : block_matrix(name, blocks, conversion_.checkpoint.path + ": the tables of " + name);
    vector.feature = add_id_feature(conversion_, name, role(name), add_ids(rows, name));
  }

  // One that several features share is taken once.
  const Tensor& table(const std::string& tensor) {
    const auto known = rows_.find(tensor);
    if (known != rows_.end()) return known->second;
    const Tensor& rows = conversion_.claims.take(tensor);
    if (rows.shape.size() != 2)
      conversion_.claims.fail(tensor, "has the shape " + rows.shape_text() + "; it is no table");
    return rows_.emplace(tensor, rows).first->second;
  }

  const CandidateVector& vector_of(std::uint32_t feature) const {
    return vectors_.at(conversion_.network.features[feature].name);
  }

  void add_field(const TorchEasyRecTables::Field& field) {
    const std::string& name = field.query.feature;
    add_feature(name, "");
    const int index = add_ids(table(field.key.tensor), field.key.feature);
    const std::uint32_t key = add_id_feature(conversion_, field.key.feature, format::Role::history, index);
    put_in_history(conversion_, key, index);
    // embedding.py pads the looked-up vectors with zeros, not the ids.
    if (!conversion_.recipe.history.pad_row) set_pad_row(conversion_, key, -1);
    fields_.push_back({feature_index(conversion_, name), key});
  }

  std::uint32_t keys() const { return key_width(conversion_.network, fields_); }

  // A matrix of zeros and ones takes the query out of the candidate's vectors; what a narrower query lacks is zero
  // (modules/sequence.py:113-114).
  Layer query_selection() const {
    std::size_t inputs = 0, row = 0, column = 0;
    for (const Field& field : fields_) inputs += conversion_.network.features[field.query].width;
    Layer layer;
    layer.weight = {inputs, keys(), Vector(inputs * keys(), 0.0)};
    for (const Field& field : fields_) {
      const CandidateVector& vector = vector_of(field.query);
      row += vector.tower;
      for (std::uint32_t i = 0; i < vector.query; ++i) layer.weight.at(row++, column++) = 1;
    }
    return layer;
  }

  // `told`: the activation that the configuration says.
  std::vector<Layer> take_mlp(const std::string& prefix, const std::string& part, std::size_t inputs,
                              std::optional<format::ActivationKind> told) {
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
    return take_torch_mlp(conversion_, torch_layers(conversion_.checkpoint, modules), mlp, inputs);
  }

  Layer take_last(const std::string& name, std::size_t inputs) {
    return take_linear(conversion_.claims, name + ".weight", name + ".bias", WeightLayout::out_in, inputs,
                       "the layer before");
  }

  void add_interest() {
    Interest interest;
    interest.fields = fields_;
    interest.query_layers = {query_selection()};
    interest.layers =
        take_mlp(kDinTower + "mlp.mlp.", "attention", 4 * keys(), config_ ? config_->din.activation : std::nullopt);
    interest.layers.push_back(take_last(kDinTower + "linear", width_of(interest.layers.back())));
    choose_normalizer(conversion_, interest, true, Certainty::preset);
    choose_scale(conversion_, interest, ScaleRecipe{}, keys());
    choose_empty(conversion_, interest, format::EmptyHistory::zero, Certainty::preset);
    conversion_.network.interests.push_back(std::move(interest));
  }

  std::optional<format::ActivationKind> tower_activation(const std::string& group) const {
    if (!config_) return std::nullopt;
    return std::ranges::find(config_->towers, group, &TorchEasyRecConfig::Tower::group)->activation;
  }

  void add_tower(const TorchEasyRecTables::Tower& tower) {
    Mlp mlp;
    mlp.name = tower.group;
    std::size_t width = 0;
    for (const TorchEasyRecTable& table : tower.features) {
      const CandidateVector& vector = vectors_.at(table.feature);
      mlp.parts.push_back({{format::Source::feature, vector.feature, 0, vector.tower}, {}});
      width += vector.tower;
    }
    mlp.layers = take_mlp("towers." + tower.group + ".mlp.", "tower", width, tower_activation(tower.group));
    conversion_.network.mlps.push_back(std::move(mlp));
  }

  void add_head() {
    Network& network = conversion_.network;
    for (std::uint32_t i = 0; i < network.mlps.size(); ++i) {
      const auto deep = static_cast<std::uint32_t>(width_of(network.mlps[i].layers.back()));
      network.tower_parts.push_back({{format::Source::mlp, i, 0, deep}, {}});
    }
    add_interest_part(network, 0, keys());
    const std::size_t width = tower_width(network);
    if (has("final_mlp.")) {
      network.tower = take_mlp("final_mlp.mlp.", "tower", width, config_ ? config_->final_activation : std::nullopt);
    }
    network.tower.push_back(take_last("output_mlp", network.tower.empty() ? width : width_of(network.tower.back())));
    // models/rank_model.py: "probs1" is the second of two.
    if (width_of(network.tower.back()) == 2) {
      network.head.positive_class = 1;
      return;
    }
    const std::optional<format::Link> link = config_ ? config_->link : std::nullopt;
    choose_link(conversion_, link.value_or(format::Link::sigmoid), link ? Certainty::companion : Certainty::assumed);
  }

  Conversion& conversion_;
  std::optional<TorchEasyRecConfig> config_;
  TorchEasyRecTables tables_;
  std::map<std::string, CandidateVector> vectors_;  // by feature
  std::map<std::string, Tensor> rows_;              // by tensor
  std::vector<Field> fields_;
};

void build(Conversion& conversion) { Builder(conversion).build(); }

bool recognises(const Checkpoint& checkpoint) {
  return checkpoint.find("output_mlp.weight") && checkpoint.find(kDinTower + "linear.weight") &&
         checkpoint.find(kDinTower + "mlp.mlp.0.perceptron.0.weight");
}

}  // namespace

extern const Preset kTorchEasyRec = {"torch-easyrec", "TorchEasyRec", recognises, build,
                                     "output_mlp.weight, din_towers.0.mlp.mlp.0.perceptron.0.weight"};

}  // namespace dinghy::converter
