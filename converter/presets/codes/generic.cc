// Any DIN whose recipe names every tensor.
#include "converter/error.h"
#include "converter/presets/attention.h"
#include "converter/presets/attention_parts.h"
#include "converter/presets/features.h"
#include "converter/presets/layers.h"
#include "converter/presets/presets.h"
#include "converter/presets/tower_inputs.h"
#include "converter/text/quotes.h"

namespace dinghy::converter {
namespace {

int find_or_add_table(Conversion& conversion, const std::string& tensor, const std::string& feature) {
  const std::vector<Table>& tables = conversion.network.tables;
  for (std::size_t i = 0; i < tables.size(); ++i) {
    if (tables[i].source.name == tensor) return static_cast<int>(i);
  }
  return add_table(conversion, tensor, feature);
}

void add_projection(Conversion& conversion, const FeatureRecipe& recipe, Feature& feature) {
  if (recipe.projection.empty()) return;
  feature.projection = take_linear(conversion.claims, recipe.projection, recipe.projection_bias,
                                   conversion.recipe.network->layout, feature.dense_width, "the feature");
  feature.width = static_cast<std::uint32_t>(width_of(*feature.projection));
}

void add_feature(Conversion& conversion, const FeatureRecipe& recipe) {
  if (recipe.dense > 0) {
    const std::uint32_t index = add_dense_feature(conversion, recipe.name, recipe.role, recipe.dense);
    return add_projection(conversion, recipe, conversion.network.features[index]);
  }
  const int table = find_or_add_table(conversion, recipe.table, recipe.name);
  const std::uint32_t index = add_id_feature(conversion, recipe.name, recipe.role, table);
  if (recipe.bag) {
    conversion.network.features[index].kind = format::FeatureKind::bag;
    conversion.network.features[index].pooling = *recipe.bag;
  }
  if (!recipe.history) return;
  put_in_history(
      conversion, index,
      recipe.history_table.empty() ? table : find_or_add_table(conversion, recipe.history_table, recipe.name));
}

Activation take_activation(TensorClaims& claims, const ActivationRecipe& recipe, std::size_t width) {
  using Kind = format::ActivationKind;
  Activation activation;
  const auto gate = [&](double alpha) {
    activation.kind = Kind::gate;
    activation.scale.assign(width, 1.0);
    activation.shift.assign(width, 0.0);
    activation.alpha.assign(width, alpha);
  };
  switch (recipe.word) {
    case ActivationWord::identity:
      return plain_activation(Kind::identity);
    case ActivationWord::relu:
      return plain_activation(Kind::relu);
    case ActivationWord::sigmoid:
      return plain_activation(Kind::sigmoid);
    case ActivationWord::tanh:
      return plain_activation(Kind::tanh);
    case ActivationWord::prelu:
      return take_prelu(claims, recipe.alpha, width);
    case ActivationWord::leaky_relu:
      activation.kind = Kind::leaky_relu;
      activation.slope = recipe.slope;
      return activation;
    case ActivationWord::silu:
      gate(0);
      return activation;
    case ActivationWord::dice:
      if (recipe.norm) return take_dice(claims, recipe.alpha, *recipe.norm, width);
      gate(0);
      activation.alpha = take_vector(claims, recipe.alpha, width);
      return activation;
    case ActivationWord::row_dice:
      activation.kind = Kind::row_gate;
      activation.epsilon = recipe.epsilon;
      activation.alpha = take_vector(claims, recipe.alpha, width);
      return activation;
  }
  return activation;
}

Layer take_layer(Conversion& conversion, const LayerRecipe& recipe, std::size_t inputs, const std::string& what) {
  TensorClaims& claims = conversion.claims;
  Layer layer = take_linear(claims, recipe.weight, recipe.bias, conversion.recipe.network->layout, inputs, what);
  if (recipe.input_batch_norm) fold_before(layer, take_norm(claims, *recipe.input_batch_norm, inputs));
  if (recipe.batch_norm) fold_behind(layer, take_norm(claims, *recipe.batch_norm, width_of(layer)));
  layer.activation = take_activation(claims, recipe.activation, width_of(layer));
  return layer;
}

std::vector<Layer> take_layers(Conversion& conversion, const std::vector<LayerRecipe>& recipes, std::size_t inputs,
                               const std::string& what) {
  std::vector<Layer> layers;
  for (const LayerRecipe& recipe : recipes) {
    layers.push_back(layers.empty() ? take_layer(conversion, recipe, inputs, what)
                                    : take_layer(conversion, recipe, width_of(layers.back()), "the layer before"));
  }
  return layers;
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
  if (conversion.network.features[field.query].width != column.width) {
    throw Error(recipe.where, in_quotes(query) + " and " + in_quotes(key) + " have vectors of different widths");
  }
  return field;
}

void add_interest(Conversion& conversion, const InterestRecipe& recipe) {
  for (const Interest& other : conversion.network.interests) {
    if (other.name == recipe.name) throw Error(recipe.where, "two interests are called " + in_quotes(recipe.name));
  }
  Interest interest;
  interest.name = recipe.name;
  for (const std::string& text : recipe.fields) interest.fields.push_back(parse_field(conversion, recipe, text));
  const std::uint32_t width = interest_width(conversion.network, interest);
  interest.query_layers = take_layers(conversion, recipe.query_layers, width, "the query");
  interest.layers = take_layers(conversion, recipe.layers, recipe.parts.size() * width,
                                "the attention, with " + std::to_string(recipe.parts.size()) + " parts of " +
                                    std::to_string(width) + " numbers each,");
  if (width_of(interest.layers.back()) != 1) throw Error(recipe.where, "the last of \"layers\" has to give one logit");
  order_parts(interest.layers[0].weight, recipe.parts, width, recipe.where);
  interest.post_layers = take_layers(conversion, recipe.post_layers, width, "the interest");
  interest.scale = scale_of(recipe.scale, width);
  interest.normalizer = recipe.normalizer;
  interest.pooling = recipe.pooling;
  conversion.found("weights of " + recipe.name, format::EnumNameNormalizer(recipe.normalizer), Certainty::recipe);
  conversion.found("scale of its logits", scale_text(recipe.scale, width), Certainty::recipe);
  choose_empty(
      conversion, interest,
      recipe.normalizer == format::Normalizer::softmax ? format::EmptyHistory::pad_row : format::EmptyHistory::zero,
      Certainty::assumed);
  conversion.network.interests.push_back(std::move(interest));
}

void add_tower(Conversion& conversion, const NetworkRecipe& recipe) {
  Network& network = conversion.network;
  std::size_t width = 0;
  for (const std::string& input : recipe.tower_inputs) {
    for (const Part& part : parse_tower_input(conversion, input)) {
      width += part.operand.width;
      network.tower_parts.push_back(part);
    }
  }
  network.tower = take_layers(conversion, recipe.tower_layers, width, "[tower] inputs, side by side,");
  const std::size_t logits = width_of(network.tower.back());
  if (logits > 2) throw Error(recipe.tower_where, "the last of [tower] layers gives more than two logits");
  if (recipe.head.positive_class >= logits) {
    throw Error(recipe.tower_where, "[head] positive_class is 1, but the tower gives one logit");
  }
  network.head.positive_class = recipe.head.positive_class;
  network.head.link = recipe.head.link;
}

void build(Conversion& conversion) {
  const NetworkRecipe& recipe = *conversion.recipe.network;
  for (const FeatureRecipe& feature : recipe.features) add_feature(conversion, feature);
  report_roles(conversion, Certainty::recipe, Certainty::recipe);
  add_history(conversion);
  for (const InterestRecipe& interest : recipe.interests) add_interest(conversion, interest);
  add_tower(conversion, recipe);
}

}  // namespace

extern const Preset kGeneric = {"generic", "a network described by its recipe", nullptr, build};

}  // namespace dinghy::converter
