// Any DIN whose recipe names every tensor.
#include <algorithm>

#include "converter/error.h"
#include "converter/presets/attention.h"
#include "converter/presets/attention_parts.h"
#include "converter/presets/computed_table.h"
#include "converter/presets/features.h"
#include "converter/presets/layers.h"
#include "converter/presets/presets.h"
#include "converter/presets/recipe_layers.h"
#include "converter/presets/tower_inputs.h"
#include "converter/text/quotes.h"

namespace dinghy::converter {
namespace {

// Features may share a table, projected or not: the first of them takes the tensor.
const Tensor& rows_of(Conversion& conversion, const FeatureRecipe& recipe, const std::string& tensor) {
  const std::vector<FeatureRecipe>& features = conversion.recipe.network->features;
  const bool taken = std::any_of(features.data(), &recipe, [&](const FeatureRecipe& earlier) {
    return earlier.table == tensor || earlier.history_table == tensor;
  });
  return taken ? *conversion.checkpoint.find(tensor) : take_rows(conversion, tensor);
}

Layer take_projection(Conversion& conversion, const FeatureRecipe& recipe, std::size_t inputs) {
  return take_linear(conversion.claims, recipe.projection, recipe.projection_bias, conversion.recipe.network->layout,
                     inputs, "the feature");
}

std::optional<int> table_named(const Conversion& conversion, const std::string& name) {
  const std::vector<Table>& tables = conversion.network.tables;
  const auto found = std::ranges::find(tables, name, [](const Table& table) { return table.source.name; });
  return found == tables.end() ? std::nullopt : std::optional(static_cast<int>(found - tables.begin()));
}

int find_or_add_table(Conversion& conversion, const FeatureRecipe& recipe, const std::string& tensor) {
  if (const auto table = table_named(conversion, tensor)) return *table;
  return add_table(conversion, rows_of(conversion, recipe, tensor), recipe.name);
}

// The layer behind a table works on rows, so it is folded into them.
int find_or_add_projected_table(Conversion& conversion, const FeatureRecipe& recipe) {
  const std::string name = recipe.table + " * " + recipe.projection;
  if (const auto table = table_named(conversion, name)) return *table;
  const Tensor& rows = rows_of(conversion, recipe, recipe.table);
  Layer layer = take_projection(conversion, recipe, static_cast<std::size_t>(rows.shape[1]));
  const auto count = static_cast<std::uint64_t>(rows.shape[0]);
  return add_table(conversion, computed_table(name, {{rows, std::move(layer.weight), count}}, std::move(layer.bias)),
                   recipe.name);
}

int sequence_of(const Conversion& conversion, const FeatureRecipe& recipe) {
  if (recipe.history.empty()) return 0;
  const std::vector<Sequence>& sequences = conversion.network.sequences;
  const auto named = std::ranges::find(sequences, recipe.history, &Sequence::name);
  if (named == sequences.end()) throw Error(recipe.where, "there is no [[history]] " + in_quotes(recipe.history));
  return static_cast<int>(named - sequences.begin());
}

void add_numbers(Conversion& conversion, const FeatureRecipe& recipe) {
  const std::uint32_t index = add_dense_feature(conversion, recipe.name, recipe.role, recipe.dense);
  if (!recipe.projection.empty()) project_numbers(conversion, index, take_projection(conversion, recipe, recipe.dense));
  if (!recipe.in_history) return;
  put_numbers_in_history(conversion, index, sequence_of(conversion, recipe));
  conversion.found("padding of " + recipe.name, "zeros in front of its layer", Certainty::assumed);
}

void add_feature(Conversion& conversion, const FeatureRecipe& recipe) {
  if (recipe.dense > 0) return add_numbers(conversion, recipe);
  const int table = recipe.projection.empty() ? find_or_add_table(conversion, recipe, recipe.table)
                                              : find_or_add_projected_table(conversion, recipe);
  const std::uint32_t index = add_id_feature(conversion, recipe.name, recipe.role, table);
  if (recipe.bag) {
    conversion.network.features[index].kind = format::FeatureKind::bag;
    conversion.network.features[index].pooling = *recipe.bag;
  }
  if (!recipe.in_history) return;
  put_in_history(conversion, index,
                 recipe.history_table.empty() ? table : find_or_add_table(conversion, recipe, recipe.history_table),
                 sequence_of(conversion, recipe));
  if (recipe.pad_row) set_pad_row(conversion, index, *recipe.pad_row);
  conversion.network.features[index].pad_id = recipe.pad_id.value_or(0);
}

// Padding is known by its ids: numbers and bags tell a mask nothing.
void require_ids_of_masks(const Conversion& conversion) {
  const std::vector<Sequence>& sequences = conversion.network.sequences;
  for (std::size_t s = 0; s < sequences.size(); ++s) {
    if (sequences[s].mask == format::Mask::length) continue;
    const bool has_ids = std::ranges::any_of(conversion.network.features, [s](const Feature& feature) {
      return feature.sequence == static_cast<int>(s) && feature.kind == format::FeatureKind::id;
    });
    if (has_ids) continue;
    throw Error(conversion.recipe.where(),
                "the mask of " + in_quotes(sequences[s].name) + " looks at ids, and no column of that history has any");
  }
}

// "item", or "item:bought" where the query's feature and the history's column are two.
Field parse_field(const Conversion& conversion, const InterestRecipe& recipe, const std::string& text) {
  const std::size_t colon = text.find(':');
  const std::string query = text.substr(0, colon);
  const std::string key = colon == std::string::npos ? query : text.substr(colon + 1);
  const Field field = {feature_index(conversion, query), feature_index(conversion, key)};
  const Feature& column = conversion.network.features[field.key];
  if (column.sequence < 0) {
    throw Error(recipe.where, in_quotes(key) +
                                  " is a field of the interest, but not in the history; give its "
                                  "[[feature]] history = true");
  }
  if (!recipe.pad_query && conversion.network.features[field.query].width != column.width) {
    throw Error(recipe.where, in_quotes(query) + " and " + in_quotes(key) +
                                  " have vectors of different widths; where training put zeros behind a narrow query, "
                                  "say pad_query = true");
  }
  return field;
}

std::uint32_t sequence_of(const Conversion& conversion, const InterestRecipe& recipe, const Interest& interest) {
  const std::vector<Feature>& features = conversion.network.features;
  const int sequence = features[interest.fields.at(0).key].sequence;
  for (const Field& field : interest.fields) {
    if (features[field.key].sequence != sequence) throw Error(recipe.where, "\"fields\" are of several histories");
  }
  return static_cast<std::uint32_t>(sequence);
}

void take_unit(Conversion& conversion, const InterestRecipe& recipe, std::size_t width, Interest& interest) {
  std::size_t query = 0;
  for (const Field& field : interest.fields) query += conversion.network.features[field.query].width;
  if (query > width) throw Error(recipe.where, "the query is wider than a key");
  interest.query_layers = take_layers(conversion, recipe.query_layers, query, "the query");
  if (!interest.query_layers.empty() && width_of(interest.query_layers.back()) != width) {
    throw Error(recipe.where,
                "the last of \"query_layers\" has to give " + std::to_string(width) + " numbers, the width of a key");
  }
  if (recipe.score == format::Score::dot) return;
  interest.layers = take_layers(conversion, recipe.layers, recipe.parts.size() * width,
                                "the attention, with " + std::to_string(recipe.parts.size()) + " parts of " +
                                    std::to_string(width) + " numbers each,");
  if (width_of(interest.layers.back()) != 1) throw Error(recipe.where, "the last of \"layers\" has to give one logit");
  order_parts(interest.layers[0].weight, recipe.parts, width, recipe.where);
}

void choose_empty_of(Conversion& conversion, const InterestRecipe& recipe, Interest& interest) {
  if (recipe.empty && conversion.recipe.history.empty) {
    throw Error(recipe.where, "\"empty\" is here and in [history]; leave one of the two out");
  }
  const auto usual =
      recipe.normalizer == format::Normalizer::softmax ? format::EmptyHistory::pad_row : format::EmptyHistory::zero;
  choose_empty(conversion, interest, recipe.empty.value_or(usual),
               recipe.empty ? Certainty::recipe : Certainty::assumed);
}

void add_interest(Conversion& conversion, const InterestRecipe& recipe) {
  for (const Interest& other : conversion.network.interests) {
    if (other.name == recipe.name) throw Error(recipe.where, "two interests are called " + in_quotes(recipe.name));
  }
  Interest interest;
  interest.name = recipe.name;
  for (const std::string& text : recipe.fields) interest.fields.push_back(parse_field(conversion, recipe, text));
  interest.sequence = sequence_of(conversion, recipe, interest);
  const std::uint32_t width = interest_width(conversion.network, interest);
  interest.score = recipe.score;
  take_unit(conversion, recipe, width, interest);
  interest.post_layers = take_layers(conversion, recipe.post_layers, width, "the interest");
  interest.scale = scale_of(recipe.scale, width);
  interest.normalizer = recipe.normalizer;
  interest.pooling = recipe.pooling;
  interest.pads = recipe.pads;
  interest.pad_to = recipe.pad_to;
  conversion.found("weights of " + recipe.name, format::EnumNameNormalizer(recipe.normalizer), Certainty::recipe);
  conversion.found("scale of its logits", scale_text(recipe.scale, width), Certainty::recipe);
  choose_empty_of(conversion, recipe, interest);
  conversion.network.interests.push_back(std::move(interest));
}

// The parts of the inputs, with their layers behind them.
Mlp take_parts(Conversion& conversion, const TowerPartsRecipe& recipe, const std::string& section) {
  Mlp mlp;
  mlp.name = recipe.name;
  std::size_t width = 0;
  for (const std::string& input : recipe.inputs) {
    for (const Part& part : parse_tower_input(conversion, input, recipe.where)) {
      width += part.operand.width;
      mlp.parts.push_back(part);
    }
  }
  mlp.layers = take_layers(conversion, recipe.layers, width, section + " inputs, side by side,");
  return mlp;
}

void add_mlp(Conversion& conversion, const TowerPartsRecipe& recipe) {
  const auto is_called_so = [&](const auto& other) { return other.name == recipe.name; };
  const Network& network = conversion.network;
  if (std::ranges::any_of(network.mlps, is_called_so) || std::ranges::any_of(network.interests, is_called_so)) {
    throw Error(recipe.where, "two interests or MLPs are called " + in_quotes(recipe.name));
  }
  Mlp mlp = take_parts(conversion, recipe, "[[mlp]]");
  conversion.network.mlps.push_back(std::move(mlp));
}

void add_tower(Conversion& conversion, const TowerPartsRecipe& recipe) {
  Mlp tower = take_parts(conversion, recipe, "[tower]");
  conversion.network.tower_parts = std::move(tower.parts);
  conversion.network.tower = std::move(tower.layers);
  if (width_of(conversion.network.tower.back()) > 2) {
    throw Error(recipe.where, "the last of [tower] layers gives more than two logits");
  }
}

void add_head(Conversion& conversion, const NetworkRecipe& recipe) {
  const HeadRecipe& from = recipe.head;
  Head& head = conversion.network.head;
  const bool is_pair = width_of(conversion.network.tower.back()) == 2;
  if (from.positive_class > 0 && !is_pair) {
    throw Error(recipe.tower.where, "[head] positive_class is 1, but the tower gives one logit");
  }
  if (is_pair && (from.link != format::Link::sigmoid || from.scale != 1 || from.shift != 0 || !from.biases.empty())) {
    throw Error(recipe.tower.where, "two logits go through softmax alone, but [head] has link, scale, shift or biases");
  }
  head.positive_class = from.positive_class;
  head.link = from.link;
  head.scale = from.scale;
  head.shift = from.shift;
  head.offset = from.offset;
  for (const BiasRecipe& bias : from.biases) add_bias(conversion, bias.table, feature_index(conversion, bias.feature));
}

void build(Conversion& conversion) {
  const NetworkRecipe& recipe = *conversion.recipe.network;
  for (const HistoryRecipe& history : recipe.histories) add_history(conversion, history, {}, Certainty::assumed);
  if (recipe.histories.empty()) add_history(conversion);
  for (const FeatureRecipe& feature : recipe.features) add_feature(conversion, feature);
  require_ids_of_masks(conversion);
  report_roles(conversion, Certainty::recipe, Certainty::recipe, Certainty::assumed);
  for (const InterestRecipe& interest : recipe.interests) add_interest(conversion, interest);
  for (const TowerPartsRecipe& mlp : recipe.mlps) add_mlp(conversion, mlp);
  add_tower(conversion, recipe.tower);
  add_head(conversion, recipe);
}

}  // namespace

extern const Preset kGeneric = {"generic", "a network described by its recipe", nullptr, build};

}  // namespace dinghy::converter
