// The DIN of PaddleRec as its static mode saves it: models/rank/din/net.py. (Its dynamic mode saves no attention.)
#include "converter/block_matrix.h"
#include "converter/error.h"
#include "converter/presets/attention.h"
#include "converter/presets/attention_parts.h"
#include "converter/presets/features.h"
#include "converter/presets/inputs.h"
#include "converter/presets/layers.h"
#include "converter/presets/presets.h"

namespace dinghy::converter {
namespace {

// A field of the item has three tables: for behaviours, for the tower, and for the query of the attention
// (net.py:33-75).
struct FieldTables {
  const char* name;
  const char* behaviours;
  const char* tower;
  const char* query;
};

constexpr FieldTables kItem{"item", "embedding_0.w_0", "embedding_2.w_0", "embedding_4.w_0"};
constexpr FieldTables kCategory{"category", "embedding_1.w_0", "embedding_3.w_0", "embedding_5.w_0"};
constexpr const char* kItemBias = "embedding_6.w_0";
constexpr const char* kDynamicTable = "hist_item_emb_attr.weight";

struct ItemField {
  std::uint32_t candidate, behaviour;  // features
  std::uint32_t width;                 // of each of the three vectors
};

// The candidate's vector is the tower's followed by the query's: both come from one id.
ItemField add_field(Conversion& conversion, const FieldTables& tables) {
  const Tensor& tower = conversion.claims.take(tables.tower);
  const Tensor& query = conversion.claims.take(tables.query);
  if (tower.shape.size() != 2 || tower.shape != query.shape) {
    conversion.claims.fail(tables.query, "has the shape " + query.shape_text() + ", but " + tables.tower + " has " +
                                             tower.shape_text() + "; PaddleRec makes them alike");
  }
  const auto width = static_cast<std::uint32_t>(tower.shape[1]);
  const Tensor both = block_matrix(tables.name, {{0, 0, tower}, {0, width, query}}, conversion.checkpoint.path);
  ItemField field{};
  field.width = width;
  field.candidate = add_id_feature(conversion, tables.name, role_of(conversion, tables.name, format::Role::candidate),
                                   add_table(conversion, both, tables.name));
  const std::string behaviours = std::string("hist_") + tables.name;
  const int table = add_table(conversion, tables.behaviours, behaviours);
  field.behaviour = add_id_feature(conversion, behaviours, format::Role::history, table);
  put_in_history(conversion, field.behaviour, table);
  if (conversion.network.features[field.behaviour].width != width) {
    conversion.claims.fail(tables.behaviours, "is of another width than " + std::string(tables.query));
  }
  return field;
}

// A matrix of zeros and ones takes the query's halves out of [tower, query, tower, query].
Layer query_selection(const ItemField& item, const ItemField& category) {
  const std::size_t key = item.width + category.width;
  Layer layer;
  layer.weight = {2 * key, key, Vector(2 * key * key, 0.0)};
  for (std::size_t i = 0; i < item.width; ++i) layer.weight.at(item.width + i, i) = 1;
  for (std::size_t i = 0; i < category.width; ++i) {
    layer.weight.at(2 * item.width + category.width + i, item.width + i) = 1;
  }
  return layer;
}

Layer take_layer(Conversion& conversion, int number, std::size_t inputs, const std::string& what) {
  const std::string name = "linear_" + std::to_string(number);
  return take_linear(conversion.claims, name + ".w_0", name + ".b_0", WeightLayout::in_out, inputs, what);
}

// Three layers from `first`, with an activation behind all but the last.
std::vector<Layer> take_mlp(Conversion& conversion, int first, std::size_t inputs, const std::string& part,
                            const std::optional<format::ActivationKind>& by_recipe) {
  const auto [kind, sure] = conversion.decide(by_recipe, format::ActivationKind::sigmoid, Certainty::preset);
  std::vector<Layer> layers;
  for (int i = 0; i < 3; ++i) {
    layers.push_back(take_layer(conversion, first + i, i == 0 ? inputs : width_of(layers.back()),
                                i == 0 ? "the input of the " + part : "the layer before"));
    if (i < 2) layers.back().activation = plain_activation(kind);
  }
  const std::string word = format::EnumNameActivationKind(kind);
  conversion.found("activation of the " + part, word, sure, RecipeLine{part, "activation = \"" + word + "\""});
  return layers;
}

void add_interest(Conversion& conversion, const ItemField& item, const ItemField& category) {
  const std::size_t width = item.width + category.width;
  Interest interest;
  interest.fields = {{item.candidate, item.behaviour}, {category.candidate, category.behaviour}};
  interest.query_layers = {query_selection(item, category)};
  interest.layers = take_mlp(conversion, 0, 4 * width, "attention", conversion.recipe.attention.activation);
  // net.py:155-161, the one code but SparrowRecSys and DSXiangLi that begins with k.
  order_parts(interest.layers[0].weight, {"k", "q", "k-q", "k*q"}, width, conversion.checkpoint.path);
  conversion.found("input of the attention", "k, q, k-q, k*q", Certainty::preset);
  choose_normalizer(conversion, interest, true, Certainty::preset);
  // net.py:167-168 adds the mask of -1e9 first: padding still has no weight behind the scale.
  choose_scale(conversion, interest, ScaleRecipe{true, 1}, width);
  choose_empty(conversion, interest, format::EmptyHistory::pad_row, Certainty::preset);
  interest.post_layers = {take_layer(conversion, 3, width, "the interest")};
  conversion.network.interests.push_back(std::move(interest));
}

void add_tower(Conversion& conversion, const ItemField& item, const ItemField& category) {
  Network& network = conversion.network;
  const auto interest = static_cast<std::uint32_t>(width_of(network.interests[0].post_layers[0]));
  network.tower_parts = {{{format::Source::interest, 0, 0, interest}, {}},
                         {{format::Source::feature, item.candidate, 0, item.width}, {}},
                         {{format::Source::feature, category.candidate, 0, category.width}, {}}};
  network.tower =
      take_mlp(conversion, 4, interest + item.width + category.width, "tower", conversion.recipe.tower.activation);
  add_bias(conversion, kItemBias, item.candidate);
}

// net.py:84-108 and 129-147 name the attention's and the tower's layers alike and keep the former in a plain list, so
// that add_sublayer() lets the latter take their names.
[[noreturn]] void refuse_dynamic(const Checkpoint& checkpoint) {
  throw Error(
      checkpoint.path,
      "lacks the three layers of the attention: PaddleRec's dynamic mode names them linear_0 to linear_2 like the "
      "tower's, so they were neither trained nor saved; train with tools/static_trainer.py and convert its "
      "rec_static.pdparams");
}

void build(Conversion& conversion) {
  if (conversion.claims.has(kDynamicTable)) refuse_dynamic(conversion.checkpoint);
  const ItemField item = add_field(conversion, kItem);
  const ItemField category = add_field(conversion, kCategory);
  check_inputs(conversion);
  report_roles(conversion, Certainty::preset, Certainty::preset);
  add_history(conversion);
  add_interest(conversion, item, category);
  add_tower(conversion, item, category);
}

bool recognises(const Checkpoint& checkpoint) {
  return checkpoint.find(kDynamicTable) ||
         (checkpoint.find(kItemBias) && checkpoint.find(kItem.behaviours) && checkpoint.find("linear_6.w_0"));
}

}  // namespace

extern const Preset kPaddleRec = {"paddlerec", "PaddleRec", recognises, build,
                                  "embedding_6.w_0, linear_6.w_0 or hist_item_emb_attr.weight"};

}  // namespace dinghy::converter
