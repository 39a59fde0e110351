#include "converter/presets/network_builder.h"

#include <algorithm>

#include "converter/error.h"
#include "converter/presets/attention.h"
#include "converter/presets/attention_parts.h"
#include "converter/presets/described_features.h"
#include "converter/presets/features.h"
#include "converter/presets/head.h"
#include "converter/presets/layers.h"
#include "converter/presets/recipe_layers.h"
#include "converter/presets/tower_inputs.h"
#include "converter/text/quotes.h"

namespace dinghy::converter {
namespace {

class Builder {
 public:
  Builder(Conversion& conversion, const NetworkRecipe& description)
      : conversion_(conversion), network_(conversion.network), description_(description) {}

  void build() {
    add_described_features(conversion_, description_);
    for (const InterestRecipe& interest : description_.interests) add_interest(interest);
    for (const TowerPartsRecipe& mlp : description_.mlps) add_mlp(mlp);
    add_tower();
    add_head();
  }

 private:
  // A generic recipe has said its layers and its head itself, and has other lines for what others assume.
  bool is_generic() const { return conversion_.recipe.network.has_value(); }

  // Of what is compared: the feature's vector, or what is cut out of it.
  std::uint32_t query_width(const FieldRecipe& names, const Field& field) const {
    return names.cut ? names.cut->end - names.cut->begin : network_.features[field.query].width;
  }

  Field field_of(const InterestRecipe& recipe, const FieldRecipe& names) const {
    const Field field = {feature_index(conversion_, names.query), feature_index(conversion_, names.key)};
    const Feature& column = network_.features[field.key];
    if (names.cut && (names.cut->begin >= names.cut->end || names.cut->end > network_.features[field.query].width)) {
      throw Error(recipe.where.text, "the field " + in_quotes(field_text(names)) + " is cut outside its " +
                                         std::to_string(network_.features[field.query].width) + " numbers");
    }
    if (column.sequence < 0) {
      throw Error(recipe.where.text, in_quotes(names.key) + " is a field of the interest, but not in the history" +
                                         (is_generic() ? "; give its [[feature]] history = true" : ""));
    }
    if (!recipe.pad_query && query_width(names, field) != column.width) {
      throw Error(recipe.where.text,
                  in_quotes(names.query) + " and " + in_quotes(names.key) + " have vectors of different widths; " +
                      (is_generic() ? "where training put zeros behind a narrow query, say pad_query = true"
                                    : "the history's columns come in another order than the candidate's"));
    }
    return field;
  }

  std::uint32_t sequence_of(const InterestRecipe& recipe, const Interest& interest) const {
    if (interest.fields.empty()) throw Error(recipe.where.text, "has no feature whose behaviours are in a history");
    const int sequence = network_.features[interest.fields[0].key].sequence;
    for (const Field& field : interest.fields) {
      if (network_.features[field.key].sequence != sequence) {
        throw Error(recipe.where.text, "\"fields\" are of several histories");
      }
    }
    return static_cast<std::uint32_t>(sequence);
  }

  std::vector<Layer> layers(const std::vector<LayerRecipe>& recipes, std::size_t inputs, const std::string& what) {
    return take_layers(conversion_.claims, description_.layout, recipes, inputs, what);
  }

  // A matrix of zeros and ones takes what is compared out of the features' vectors; behind it come zeros up to `width`.
  Layer cut_query(const InterestRecipe& recipe, const Interest& interest, std::size_t width) const {
    std::size_t whole = 0, input = 0, output = 0;
    for (const Field& field : interest.fields) whole += network_.features[field.query].width;
    Layer layer;
    layer.weight = {whole, width, Vector(whole * width, 0.0)};
    for (std::size_t i = 0; i < recipe.fields.size(); ++i) {
      const std::size_t begin = recipe.fields[i].cut ? recipe.fields[i].cut->begin : 0;
      const std::uint32_t count = query_width(recipe.fields[i], interest.fields[i]);
      for (std::uint32_t n = 0; n < count; ++n) layer.weight.at(input + begin + n, output++) = 1;
      input += network_.features[interest.fields[i].query].width;
    }
    return layer;
  }

  void take_unit(const InterestRecipe& recipe, std::size_t width, Interest& interest) {
    std::size_t query = 0;
    for (std::size_t i = 0; i < recipe.fields.size(); ++i) query += query_width(recipe.fields[i], interest.fields[i]);
    if (query > width) throw Error(recipe.where.text, "the query is wider than a key");
    const bool is_cut =
        std::ranges::any_of(recipe.fields, [](const FieldRecipe& field) { return field.cut.has_value(); });
    if (is_cut) interest.query_layers = {cut_query(recipe, interest, recipe.query_layers.empty() ? width : query)};
    for (Layer& layer : layers(recipe.query_layers, query, "the query")) {
      interest.query_layers.push_back(std::move(layer));
    }
    if (!interest.query_layers.empty() && width_of(interest.query_layers.back()) != width) {
      throw Error(recipe.where.text,
                  "the last of \"query_layers\" has to give " + std::to_string(width) + " numbers, the width of a key");
    }
    if (recipe.score == format::Score::dot) return;
    interest.layers = layers(recipe.layers, recipe.parts.size() * width,
                             "the attention, with " + std::to_string(recipe.parts.size()) + " parts of " +
                                 std::to_string(width) + " numbers each,");
    if (width_of(interest.layers.back()) != 1) {
      throw Error(recipe.where.text, "the last of \"layers\" has to give one logit");
    }
    order_parts(interest.layers[0].weight, recipe.parts, width, recipe.where.text);
  }

  void require_new_name(const std::string& name, const RecipePlace& where) const {
    const auto is_called_so = [&](const auto& other) { return other.name == name; };
    if (std::ranges::any_of(network_.interests, is_called_so) || std::ranges::any_of(network_.mlps, is_called_so)) {
      throw Error(where.text, "two interests or MLPs are called " + in_quotes(name));
    }
  }

  void add_interest(const InterestRecipe& recipe) {
    require_new_name(recipe.name, recipe.where);
    Interest interest;
    interest.name = recipe.name;
    for (const FieldRecipe& names : recipe.fields) interest.fields.push_back(field_of(recipe, names));
    interest.sequence = sequence_of(recipe, interest);
    const std::uint32_t width = interest_width(network_, interest);
    interest.score = recipe.score;
    if (!is_generic()) report_layers(conversion_, "attention", recipe.layers);
    take_unit(recipe, width, interest);
    interest.post_layers = layers(recipe.post_layers, width, "the interest");
    interest.pooling = recipe.pooling;
    set_knobs(conversion_, interest, recipe, width);
    network_.interests.push_back(std::move(interest));
  }

  // The parts of the inputs, with their layers behind them.
  Mlp take_parts(const TowerPartsRecipe& recipe, const std::string& section) {
    Mlp mlp;
    mlp.name = recipe.name;
    std::size_t width = 0;
    for (const TowerInput& input : recipe.inputs) {
      for (const Part& part : tower_parts(conversion_, input, recipe.where.text)) {
        width += part.operand.width;
        mlp.parts.push_back(part);
      }
    }
    mlp.layers = layers(recipe.layers, width, section + " inputs, side by side,");
    return mlp;
  }

  void add_mlp(const TowerPartsRecipe& recipe) {
    require_new_name(recipe.name, recipe.where);
    if (!is_generic() && recipe.is_tower) report_layers(conversion_, "tower", recipe.layers);
    network_.mlps.push_back(take_parts(recipe, "[[mlp]]"));
  }

  void add_tower() {
    if (!is_generic()) report_layers(conversion_, "tower", description_.tower.layers);
    Mlp tower = take_parts(description_.tower, "[tower]");
    network_.tower_parts = std::move(tower.parts);
    network_.tower = std::move(tower.layers);
    if (width_of(network_.tower.back()) > 2) {
      throw Error(description_.tower.where.text, "the last of [tower] layers gives more than two logits");
    }
  }

  void add_head() {
    const HeadRecipe& from = description_.head;
    const std::string& where = description_.tower.where.text;
    const bool is_pair = width_of(network_.tower.back()) == 2;
    if (from.positive_class > 0 && !is_pair) {
      throw Error(where, "[head] positive_class is 1, but the tower gives one logit");
    }
    if (is_pair &&
        (from.link.value != format::Link::sigmoid || from.scale != 1 || from.shift != 0 || !from.biases.empty())) {
      throw Error(where, "two logits go through softmax alone, but [head] has link, scale, shift or biases");
    }
    network_.head = {.positive_class = from.positive_class,
                     .link = from.link.value,
                     .scale = from.scale,
                     .shift = from.shift,
                     .offset = from.offset,
                     .biases = {}};
    if (!is_generic()) report_link(conversion_, from.link);
    for (const BiasRecipe& bias : from.biases)
      add_bias(conversion_, bias.table, feature_index(conversion_, bias.feature));
  }

  Conversion& conversion_;
  Network& network_;
  const NetworkRecipe& description_;
};

}  // namespace

void build_described(Conversion& conversion, const NetworkRecipe& description) {
  Builder(conversion, description).build();
}

}  // namespace dinghy::converter
