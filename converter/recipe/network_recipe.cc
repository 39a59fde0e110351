#include "converter/recipe/network_recipe.h"

#include <algorithm>

#include "converter/error.h"

namespace dinghy::converter {
namespace {

std::string text_or_empty(RecipeTable& table, const std::string& key) { return table.text(key).value_or(""); }

std::optional<format::Pooling> read_pooling(RecipeTable& table, const std::string& key) {
  return table.choice<format::Pooling>(key, {{"sum", format::Pooling::sum}, {"mean", format::Pooling::mean}});
}

std::uint32_t read_dense(RecipeTable& table) {
  const std::int64_t numbers = table.integer("dense").value_or(0);
  if (numbers < 0 || numbers > 1'000'000) throw Error(table.where("dense"), "\"dense\" has to be a count of numbers");
  return static_cast<std::uint32_t>(numbers);
}

// Rows of a tensor.
void read_tensor_keys(RecipeTable& table, TableRecipe& rows) {
  rows.tensor = table.required_text("tensor");
  rows.first_row = table.integer("first_row").value_or(0);
  const std::optional<std::int64_t> count = table.integer("rows"), known = table.integer("zeros_from");
  rows.rows = count.value_or(0);
  rows.zeros_from = known.value_or(0);
  if (rows.first_row >= 0 && count.value_or(1) >= 1 && known.value_or(1) >= 1) return;
  throw Error(rows.where.text,
              "a table has \"rows\", a count of 1 or more, from \"first_row\" on, 0 unless given; \"zeros_from\" is "
              "one of them, not the first");
}

TableRecipe read_table(RecipeTable& table) {
  using Texts = std::vector<std::string>;
  TableRecipe rows;
  rows.where.text = table.where();
  rows.name = table.required_text("name");
  rows.beside = table.texts("beside").value_or(Texts{});
  rows.sum = table.texts("sum").value_or(Texts{});
  if (rows.beside.empty() && rows.sum.empty()) {
    read_tensor_keys(table, rows);
  } else if (!rows.beside.empty() && !rows.sum.empty()) {
    throw Error(rows.where.text, "a table is either of rows \"beside\" each other or their \"sum\"");
  }
  rows.layers = read_layers(table, "layers");
  table.require_no_other_keys();
  return rows;
}

void read_place(RecipeTable& table, FeatureRecipe& feature) {
  using enum format::Role;
  if (table.holds_text("history")) feature.history = *table.text("history");
  const format::Role role = feature.role.value;
  const bool in_history = !feature.history.empty() || table.boolean("history").value_or(role == history);
  feature.in_history = in_history;
  if (role != candidate && in_history != (role == history)) {
    throw Error(table.where("history"),
                "a column of a history is a feature of the candidate too, or has role = \"history\"");
  }
}

// What a feature is decides which keys mean something: one that does not is left unread, and so an error.
void read_projection(RecipeTable& table, FeatureRecipe& feature) {
  feature.projection = text_or_empty(table, "projection");
  if (!feature.projection.empty()) feature.projection_bias = text_or_empty(table, "projection_bias");
}

void read_dense_keys(RecipeTable& table, FeatureRecipe& feature) {
  if (feature.dense == 0) throw Error(table.where("dense"), "\"dense\" is 0; a feature has at least one number");
  read_place(table, feature);
  read_projection(table, feature);
  feature.batch_norm = read_norm(table, "batch_norm");
}

void read_table_keys(RecipeTable& table, FeatureRecipe& feature) {
  read_place(table, feature);
  read_projection(table, feature);
  feature.bag = read_pooling(table, "bag");
  if (feature.bag && !feature.projection_bias.empty()) {
    throw Error(table.where("projection_bias"),
                "a bag's \"projection\" has no bias here: before the pooling it would count once for each id");
  }
  if (!feature.in_history.value) return;
  feature.history_table = text_or_empty(table, "history_table");
  if (!feature.history_table.empty() && !feature.projection.empty()) {
    throw Error(table.where("history_table"),
                "a table of the history's own beside a \"projection\": make it a feature of its own with role = "
                "\"history\", and compare it as fields = [\"" +
                    feature.name + ":ITS_NAME\"]");
  }
  feature.pad_row.override_by(read_pad_row(table));
  feature.pad_id = table.integer("pad_id").value_or(0);
}

FeatureRecipe read_feature(RecipeTable& table) {
  FeatureRecipe feature;
  feature.where.text = table.where();
  feature.name = table.required_text("name");
  feature.role = table
                     .choice<format::Role>("role", {{"user", format::Role::user},
                                                    {"context", format::Role::context},
                                                    {"candidate", format::Role::candidate},
                                                    {"history", format::Role::history}})
                     .value_or(format::Role::candidate);
  if (table.has("table") == table.has("dense")) {
    throw Error(feature.where.text, "a feature needs either \"table\" or \"dense\", the count of its numbers");
  }
  feature.table = text_or_empty(table, "table");
  feature.dense = read_dense(table);
  if (table.has("dense"))
    read_dense_keys(table, feature);
  else
    read_table_keys(table, feature);
  table.require_no_other_keys();
  return feature;
}

void read_pads(RecipeTable& table, InterestRecipe& interest) {
  const auto pads = table.choice<format::Pads>("pads", {{"excluded", format::Pads::excluded},
                                                        {"attend", format::Pads::attend},
                                                        {"denominator", format::Pads::denominator},
                                                        {"zero_logit", format::Pads::zero_logit}});
  const std::optional<std::uint32_t> pad_to = read_length(table, "pad_to");
  interest.pads.override_by(pads);
  interest.pad_to = pad_to.value_or(0);
  if (pad_to.has_value() != (interest.pads.value != format::Pads::excluded)) {
    throw Error(interest.where.text, "\"pad_to\", the length of training's histories, and \"pads\" belong together");
  }
}

std::vector<FieldRecipe> read_fields(RecipeTable& table) {
  std::vector<FieldRecipe> fields;
  for (const std::string& text : table.texts("fields").value_or(std::vector<std::string>{})) {
    fields.push_back(parse_field(text, table.where("fields")));
  }
  return fields;
}

InterestRecipe read_interest(RecipeTable& table) {
  InterestRecipe interest;
  interest.where.text = table.where();
  interest.name = table.text("name").value_or("interest");
  interest.fields = read_fields(table);
  interest.pad_query = table.boolean("pad_query").value_or(false);
  interest.score = table.choice<format::Score>("score", {{"mlp", format::Score::mlp}, {"dot", format::Score::dot}})
                       .value_or(format::Score::mlp);
  if (interest.score == format::Score::mlp) {
    interest.parts = table.texts("parts").value_or(std::vector<std::string>{"q", "k", "q-k", "q*k"});
  }
  interest.query_layers = read_layers(table, "query_layers");
  interest.layers = read_layers(table, "layers");
  interest.post_layers = read_layers(table, "post_layers");
  interest.scale = read_scale(table, "scale").value_or(ScaleRecipe{});
  const auto normalizer = table.choice<format::Normalizer>("normalizer", {{"raw", format::Normalizer::raw},
                                                                          {"softmax", format::Normalizer::softmax},
                                                                          {"sigmoid", format::Normalizer::sigmoid},
                                                                          {"one", format::Normalizer::one}});
  // Tensors never tell, and the wrong one gives wrong scores silently: so nothing is assumed here.
  if (!normalizer) throw Error(interest.where.text, "an interest needs \"normalizer\": raw, softmax, sigmoid or one");
  interest.normalizer = *normalizer;
  interest.pooling = read_pooling(table, "pooling").value_or(format::Pooling::sum);
  read_pads(table, interest);
  if (const auto empty = read_empty(table)) interest.empty = {*empty, Certainty::recipe};
  table.require_no_other_keys();
  if (interest.fields.empty())
    throw Error(interest.where.text, "an interest needs \"fields\", the features that it compares");
  if (interest.layers.empty() != (interest.score == format::Score::dot)) {
    throw Error(interest.where.text, "an interest needs \"layers\", or score = \"dot\" and none");
  }
  return interest;
}

TowerPartsRecipe read_tower_parts(RecipeTable& table) {
  TowerPartsRecipe tower;
  tower.where.text = table.where("inputs");
  for (const std::string& input : table.texts("inputs").value_or(std::vector<std::string>{})) {
    tower.inputs.push_back(parse_tower_input(input, tower.where.text));
  }
  tower.layers = read_layers(table, "layers");
  return tower;
}

void require_complete(const TowerPartsRecipe& tower, const std::string& section) {
  if (tower.inputs.empty()) throw Error(tower.where.text, section + " needs \"inputs\"");
  if (tower.layers.empty()) throw Error(tower.where.text, section + " needs \"layers\"");
}

TowerPartsRecipe read_mlp(RecipeTable& table) {
  TowerPartsRecipe mlp = read_tower_parts(table);
  mlp.name = table.required_text("name");
  table.require_no_other_keys();
  require_complete(mlp, "[[mlp]]");
  return mlp;
}

HeadRecipe read_head(RecipeTable& root) {
  HeadRecipe head;
  std::optional<RecipeTable> table = root.table("head");
  if (!table) return head;
  const std::int64_t positive_class = table->integer("positive_class").value_or(0);
  if (positive_class != 0 && positive_class != 1) {
    throw Error(table->where("positive_class"), "\"positive_class\" has to be 0 or 1");
  }
  head.positive_class = static_cast<std::uint8_t>(positive_class);
  head.link =
      table->choice<format::Link>("link", {{"sigmoid", format::Link::sigmoid}, {"identity", format::Link::identity}})
          .value_or(format::Link::sigmoid);
  head.scale = table->number("scale").value_or(1);
  head.shift = table->number("shift").value_or(0);
  head.offset = table->number("offset").value_or(0);
  for (RecipeTable& bias : table->tables("biases")) {
    head.biases.push_back({bias.required_text("feature"), bias.required_text("table")});
    bias.require_no_other_keys();
  }
  table->require_no_other_keys();
  return head;
}

std::vector<SequenceRecipe> read_histories(RecipeTable& root) {
  std::vector<SequenceRecipe> histories;
  if (root.holds_table("history")) return histories;
  for (RecipeTable& table : root.tables("history")) {
    const HistoryRecipe said = read_history(table, true);
    histories.push_back({.name = said.name});
    override_history(histories.back(), said);
  }
  return histories;
}

// What [history] says of padding is for columns of ids that say nothing of it themselves.
bool takes_pad_row(const FeatureRecipe& feature) {
  return feature.in_history.value && feature.dense == 0 && feature.pad_row.certainty != Certainty::recipe;
}

// [history] says what holds for all features and interests that do not say it themselves.
void read_only_history(RecipeTable& root, NetworkRecipe& network) {
  const RecipeTable table = *root.table("history");
  const std::string place = table.where("pad_row");
  const HistoryRecipe said = read_history(table, false);
  for (const InterestRecipe& interest : network.interests) {
    if (!said.empty || !interest.empty.value) continue;
    throw Error(interest.where.text, "\"empty\" is here and in [history]; leave one of the two out");
  }
  if (said.pad_row && std::ranges::none_of(network.features, takes_pad_row)) {
    throw Error(place, "every column of the history has a \"pad_row\" of its own, or no rows; leave this one out");
  }
  override_history(network, said);
}

}  // namespace

NetworkRecipe read_network_recipe(RecipeTable& root) {
  NetworkRecipe network;
  network.layout =
      root.choice<WeightLayout>("layout", {{"out_in", WeightLayout::out_in}, {"in_out", WeightLayout::in_out}})
          .value_or(WeightLayout::out_in);
  if (!root.text("layout")) {
    throw Error(root.where(), "preset generic needs \"layout\": out_in (PyTorch) or in_out (TensorFlow, Keras)");
  }
  if (auto histories = read_histories(root); !histories.empty()) network.histories = std::move(histories);
  for (RecipeTable& table : root.tables("table")) network.tables.push_back(read_table(table));
  for (RecipeTable& table : root.tables("feature")) network.features.push_back(read_feature(table));
  for (RecipeTable& table : root.tables("interest")) network.interests.push_back(read_interest(table));
  for (RecipeTable& table : root.tables("mlp")) network.mlps.push_back(read_mlp(table));
  std::optional<RecipeTable> tower = root.table("tower");
  if (!tower) throw Error(root.where(), "preset generic needs [tower]");
  network.tower = read_tower_parts(*tower);
  tower->require_no_other_keys();
  require_complete(network.tower, "[tower]");
  network.head = read_head(root);
  if (root.holds_table("history")) read_only_history(root, network);
  return network;
}

const SequenceRecipe* history_of(const NetworkRecipe& network, const InterestRecipe& interest) {
  if (interest.fields.empty() || network.histories.empty()) return nullptr;
  const auto column = std::ranges::find(network.features, interest.fields[0].key, &FeatureRecipe::name);
  if (column == network.features.end() || column->history.empty()) return &network.histories[0];
  const auto named = std::ranges::find(network.histories, column->history, &SequenceRecipe::name);
  return named == network.histories.end() ? nullptr : &*named;
}

void override_history(SequenceRecipe& history, const HistoryRecipe& said) {
  history.max_length.override_by(said.max_length);
  history.keep.override_by(said.keep);
  history.mask.override_by(said.mask);
  history.pad_side.override_by(said.pad_side);
}

void override_history(NetworkRecipe& network, const HistoryRecipe& said) {
  for (SequenceRecipe& history : network.histories) override_history(history, said);
  for (FeatureRecipe& feature : network.features) {
    if (takes_pad_row(feature)) feature.pad_row.override_by(said.pad_row);
  }
  for (InterestRecipe& interest : network.interests) {
    if (said.empty) interest.empty = {said.empty, Certainty::recipe};
  }
}

std::optional<ScaleRecipe> read_scale(RecipeTable& table, const std::string& key) {
  if (!table.holds_text(key)) {
    const std::optional<double> value = table.number(key);
    return value ? std::optional(ScaleRecipe{false, *value}) : std::nullopt;
  }
  table.choice<bool>(key, {{"1/sqrt(width)", true}});
  return ScaleRecipe{true, 1};
}

}  // namespace dinghy::converter
