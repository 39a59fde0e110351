// MultiTowerDIN of TorchEasyRec with one deep tower and one DIN tower: tzrec/models/multi_tower_din.py.
#include <map>

#include "converter/block_matrix.h"
#include "converter/error.h"
#include "converter/presets/attention.h"
#include "converter/presets/codes/torch_easyrec_tables.h"
#include "converter/presets/features.h"
#include "converter/presets/inputs.h"
#include "converter/presets/layers.h"
#include "converter/presets/presets.h"
#include "converter/presets/torch_mlp.h"

namespace dinghy::converter {
namespace {

constexpr double kDiceEpsilon = 1e-5;  // modules/activation.py:40-59: nn.BatchNorm1d without an epsilon of its own
const std::string kTowers = "towers.";
const std::string kDinTower = "din_towers.0.";

// The candidate's vector: the row of its tower's table, if it has one, then that of its query's table, if it has one.
struct CandidateVector {
  std::uint32_t feature = 0;
  std::uint32_t tower = 0, query = 0;  // widths
};

class Builder {
 public:
  explicit Builder(Conversion& conversion) : conversion_(conversion), tables_(torch_easyrec_tables(conversion)) {}

  void build() {
    require_one_tower_each();
    for (const TorchEasyRecTable& table : tables_.tower) add_feature(table.feature, table.tensor);
    for (const auto& field : tables_.fields) add_field(field);
    check_inputs(conversion_);
    report_roles(conversion_, roles_certainty(conversion_), Certainty::file);
    add_history(conversion_);
    add_interest();
    add_deep_tower();
    add_head();
  }

 private:
  bool has(const std::string& prefix) const {
    for (const Tensor& tensor : conversion_.checkpoint.tensors) {
      if (tensor.name.starts_with(prefix)) return true;
    }
    return false;
  }

  void require_one_tower_each() {
    for (const Tensor& tensor : conversion_.checkpoint.tensors) {
      if (!tensor.name.starts_with(kTowers)) continue;
      const std::string group =
          tensor.name.substr(kTowers.size(), tensor.name.find('.', kTowers.size()) - kTowers.size());
      if (!group_.empty() && group != group_) refuse("towers " + group_ + " and " + group);
      group_ = group;
    }
    if (has("din_towers.1.")) refuse("DIN towers");
  }

  // Which features go into which tower stands in pipeline.config alone.
  [[noreturn]] void refuse(const std::string& several) const {
    throw Error(conversion_.checkpoint.path, "has the " + several +
                                                 "; this preset knows networks with one tower of each "
                                                 "kind, so describe this one in a recipe with preset = \"generic\"");
  }

  const TorchEasyRecTable* query_table(const std::string& feature) const {
    for (const auto& field : tables_.fields) {
      if (field.query.feature == feature) return &field.query;
    }
    return nullptr;
  }

  // `tensor`: the tower's table; empty for a feature of the query alone.
  void add_feature(const std::string& name, const std::string& tensor) {
    const TorchEasyRecTable* query = query_table(name);
    std::vector<Block> blocks;
    CandidateVector vector;
    if (!tensor.empty()) {
      blocks.push_back({0, 0, table(tensor)});
      vector.tower = static_cast<std::uint32_t>(blocks[0].tensor.shape[1]);
    }
    if (query) {
      const Tensor& rows = query_rows_[name] = table(query->tensor);
      vector.query = static_cast<std::uint32_t>(rows.shape[1]);
      blocks.push_back({0, vector.tower, rows});
    }
    const Tensor rows = blocks.size() == 1
                            ? blocks[0].tensor
                            : block_matrix(name, blocks, conversion_.checkpoint.path + ": the tables of " + name);
    const format::Role assumed = query ? format::Role::candidate : format::Role::user;
    vector.feature =
        add_id_feature(conversion_, name, role_of(conversion_, name, assumed), add_table(conversion_, rows, name));
    vectors_.push_back(vector);
  }

  Tensor table(const std::string& tensor) {
    const Tensor& rows = conversion_.claims.take(tensor);
    if (rows.shape.size() != 2)
      conversion_.claims.fail(tensor, "has the shape " + rows.shape_text() + "; it is no table");
    return rows;
  }

  const CandidateVector& vector_of(std::uint32_t feature) const {
    for (const CandidateVector& vector : vectors_) {
      if (vector.feature == feature) return vector;
    }
    throw Error(conversion_.checkpoint.path, "has no vector for a field of its attention");
  }

  void add_field(const TorchEasyRecTables::Field& field) {
    const std::string& name = field.query.feature;
    if (!query_rows_.contains(name)) add_feature(name, "");
    const Tensor rows = field.key.tensor == field.query.tensor ? query_rows_[name] : table(field.key.tensor);
    const int index = add_table(conversion_, rows, field.key.feature);
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

  std::vector<Layer> take_mlp(const std::string& prefix, const std::string& part, std::size_t inputs) {
    std::vector<std::string> modules;
    for (std::size_t i = 0; has(prefix + std::to_string(i) + "."); ++i) {
      const std::string perceptron = prefix + std::to_string(i) + ".perceptron";
      for (std::string& module : sequential_modules(conversion_.checkpoint, perceptron)) modules.push_back(module);
    }
    TorchMlp mlp;
    mlp.part = part;
    mlp.by_recipe = part == "attention" ? conversion_.recipe.attention.activation : conversion_.recipe.tower.activation;
    mlp.dice_epsilon = kDiceEpsilon;
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
    interest.layers = take_mlp(kDinTower + "mlp.mlp.", "attention", 4 * keys());
    interest.layers.push_back(take_last(kDinTower + "linear", width_of(interest.layers.back())));
    choose_normalizer(conversion_, interest, true, Certainty::preset);
    choose_scale(conversion_, interest, ScaleRecipe{}, keys());
    choose_empty(conversion_, interest, format::EmptyHistory::zero, Certainty::preset);
    conversion_.network.interests.push_back(std::move(interest));
  }

  void add_deep_tower() {
    if (group_.empty()) return;
    Mlp mlp;
    mlp.name = group_;
    std::size_t width = 0;
    for (const CandidateVector& vector : vectors_) {
      if (vector.tower == 0) continue;
      mlp.parts.push_back({{format::Source::feature, vector.feature, 0, vector.tower}, {}});
      width += vector.tower;
    }
    const bool told = !named_inputs(conversion_.recipe.inputs).empty();
    conversion_.found("order of the tower's features", told ? "as in [inputs]" : "as the file lists their tables",
                      told ? Certainty::recipe : Certainty::assumed);
    mlp.layers = take_mlp(kTowers + group_ + ".mlp.", "tower", width);
    conversion_.network.mlps.push_back(std::move(mlp));
  }

  void add_head() {
    Network& network = conversion_.network;
    std::size_t width = keys();
    if (!network.mlps.empty()) {
      const auto deep = static_cast<std::uint32_t>(width_of(network.mlps[0].layers.back()));
      network.tower_parts.push_back({{format::Source::mlp, 0, 0, deep}, {}});
      width += deep;
    }
    network.tower_parts.push_back({{format::Source::interest, 0, 0, keys()}, {}});
    if (has("final_mlp.")) network.tower = take_mlp("final_mlp.mlp.", "tower", width);
    network.tower.push_back(take_last("output_mlp", network.tower.empty() ? width : width_of(network.tower.back())));
    // models/rank_model.py: "probs1" is the second of two.
    if (width_of(network.tower.back()) == 2) network.head.positive_class = 1;
  }

  Conversion& conversion_;
  TorchEasyRecTables tables_;
  std::string group_;
  std::vector<CandidateVector> vectors_;
  std::map<std::string, Tensor> query_rows_;
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
