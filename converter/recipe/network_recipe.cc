#include "converter/recipe/network_recipe.h"

#include "converter/error.h"

namespace dinghy::converter {
namespace {

std::string text_or_empty(RecipeTable& table, const std::string& key) { return table.text(key).value_or(""); }

double required_epsilon(RecipeTable& table) {
  const std::optional<double> epsilon = table.number("epsilon");
  if (!epsilon) throw Error(table.where(), "a normalization needs \"epsilon\"; no checkpoint holds it, see its code");
  return *epsilon;
}

NormRecipe read_norm_keys(RecipeTable& table) {
  NormRecipe norm;
  norm.gamma = text_or_empty(table, "gamma");
  norm.beta = text_or_empty(table, "beta");
  norm.mean = table.required_text("mean");
  norm.variance = table.required_text("variance");
  norm.epsilon = required_epsilon(table);
  return norm;
}

std::optional<NormRecipe> read_norm(RecipeTable& layer, const std::string& key) {
  std::optional<RecipeTable> table = layer.table(key);
  if (!table) return std::nullopt;
  NormRecipe norm = read_norm_keys(*table);
  table->require_no_other_keys();
  return norm;
}

ActivationWord read_activation_word(RecipeTable& table, const std::string& key) {
  return table
      .choice<ActivationWord>(key, {{"identity", ActivationWord::identity},
                                    {"relu", ActivationWord::relu},
                                    {"leaky_relu", ActivationWord::leaky_relu},
                                    {"prelu", ActivationWord::prelu},
                                    {"sigmoid", ActivationWord::sigmoid},
                                    {"tanh", ActivationWord::tanh},
                                    {"silu", ActivationWord::silu},
                                    {"dice", ActivationWord::dice},
                                    {"row_dice", ActivationWord::row_dice}})
      .value_or(ActivationWord::identity);
}

// Each kind asks for its own keys, so that a key of another kind is an error.
ActivationRecipe read_activation_table(RecipeTable table) {
  ActivationRecipe activation;
  table.required_text("kind");
  activation.word = read_activation_word(table, "kind");
  switch (activation.word) {
    case ActivationWord::leaky_relu:
      activation.slope = table.number("slope").value_or(0.01);
      break;
    case ActivationWord::prelu:
      activation.alpha = table.required_text("alpha");
      break;
    case ActivationWord::row_dice:
      activation.alpha = table.required_text("alpha");
      activation.epsilon = required_epsilon(table);
      break;
    case ActivationWord::dice:
      activation.alpha = table.required_text("alpha");
      if (table.text("mean") || table.text("variance")) activation.norm = read_norm_keys(table);
      break;
    default:
      break;
  }
  table.require_no_other_keys();
  return activation;
}

// A word alone is enough for an activation without tensors.
ActivationRecipe read_activation(RecipeTable& layer) {
  if (layer.holds_table("activation")) return read_activation_table(*layer.table("activation"));
  ActivationRecipe activation;
  activation.word = read_activation_word(layer, "activation");
  switch (activation.word) {
    case ActivationWord::leaky_relu:
    case ActivationWord::prelu:
    case ActivationWord::dice:
    case ActivationWord::row_dice:
      throw Error(layer.where("activation"),
                  "this activation has parameters; write a table, activation = { kind = …, "
                  "alpha = \"TENSOR\", … }");
    default:
      return activation;
  }
}

std::vector<LayerRecipe> read_layers(RecipeTable& parent, const std::string& key) {
  std::vector<LayerRecipe> layers;
  for (RecipeTable& table : parent.tables(key)) {
    LayerRecipe layer;
    layer.weight = table.required_text("weight");
    layer.bias = text_or_empty(table, "bias");
    layer.input_batch_norm = read_norm(table, "input_batch_norm");
    layer.batch_norm = read_norm(table, "batch_norm");
    layer.activation = read_activation(table);
    table.require_no_other_keys();
    layers.push_back(std::move(layer));
  }
  return layers;
}

std::optional<format::Pooling> read_pooling(RecipeTable& table, const std::string& key) {
  return table.choice<format::Pooling>(key, {{"sum", format::Pooling::sum}, {"mean", format::Pooling::mean}});
}

std::uint32_t read_dense(RecipeTable& table) {
  const std::int64_t numbers = table.integer("dense").value_or(0);
  if (numbers < 0 || numbers > 1'000'000) throw Error(table.where("dense"), "\"dense\" has to be a count of numbers");
  return static_cast<std::uint32_t>(numbers);
}

FeatureRecipe read_feature(RecipeTable& table) {
  FeatureRecipe feature;
  feature.where = table.where();
  feature.name = table.required_text("name");
  feature.role = table
                     .choice<format::Role>("role", {{"user", format::Role::user},
                                                    {"context", format::Role::context},
                                                    {"candidate", format::Role::candidate},
                                                    {"history", format::Role::history}})
                     .value_or(format::Role::candidate);
  feature.table = text_or_empty(table, "table");
  feature.history = table.boolean("history").value_or(feature.role == format::Role::history);
  feature.history_table = text_or_empty(table, "history_table");
  feature.dense = read_dense(table);
  feature.projection = text_or_empty(table, "projection");
  feature.projection_bias = text_or_empty(table, "projection_bias");
  feature.bag = read_pooling(table, "bag");
  table.require_no_other_keys();
  if (feature.table.empty() == (feature.dense == 0)) {
    throw Error(feature.where, "a feature needs either \"table\" or \"dense\", the count of its numbers");
  }
  return feature;
}

InterestRecipe read_interest(RecipeTable& table) {
  InterestRecipe interest;
  interest.where = table.where();
  interest.name = table.text("name").value_or("interest");
  interest.fields = table.texts("fields").value_or(std::vector<std::string>{});
  interest.parts = table.texts("parts").value_or(std::vector<std::string>{"q", "k", "q-k", "q*k"});
  interest.query_layers = read_layers(table, "query_layers");
  interest.layers = read_layers(table, "layers");
  interest.post_layers = read_layers(table, "post_layers");
  interest.scale = read_scale(table, "scale").value_or(ScaleRecipe{});
  const auto normalizer = table.choice<format::Normalizer>("normalizer", {{"raw", format::Normalizer::raw},
                                                                          {"softmax", format::Normalizer::softmax},
                                                                          {"sigmoid", format::Normalizer::sigmoid},
                                                                          {"one", format::Normalizer::one}});
  // Tensors never tell, and the wrong one gives wrong scores silently: so nothing is assumed here.
  if (!normalizer) throw Error(interest.where, "an interest needs \"normalizer\": raw, softmax, sigmoid or one");
  interest.normalizer = *normalizer;
  interest.pooling = read_pooling(table, "pooling").value_or(format::Pooling::sum);
  table.require_no_other_keys();
  if (interest.fields.empty())
    throw Error(interest.where, "an interest needs \"fields\", the features that it compares");
  if (interest.layers.empty()) throw Error(interest.where, "an interest needs \"layers\"");
  return interest;
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
  table->require_no_other_keys();
  return head;
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
  for (RecipeTable& table : root.tables("feature")) network.features.push_back(read_feature(table));
  for (RecipeTable& table : root.tables("interest")) network.interests.push_back(read_interest(table));
  std::optional<RecipeTable> tower = root.table("tower");
  if (!tower) throw Error(root.where(), "preset generic needs [tower]");
  network.tower_where = tower->where("inputs");
  network.tower_inputs = tower->texts("inputs").value_or(std::vector<std::string>{});
  network.tower_layers = read_layers(*tower, "layers");
  tower->require_no_other_keys();
  if (network.tower_inputs.empty()) throw Error(network.tower_where, "[tower] needs \"inputs\"");
  if (network.tower_layers.empty()) throw Error(network.tower_where, "[tower] needs \"layers\"");
  network.head = read_head(root);
  return network;
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
