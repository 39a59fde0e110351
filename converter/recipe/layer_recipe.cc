#include "converter/recipe/layer_recipe.h"

#include <algorithm>

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
  norm.deviation = text_or_empty(table, "deviation");
  if (!norm.deviation.empty()) return norm;
  norm.variance = table.required_text("variance");
  norm.epsilon = required_epsilon(table);
  return norm;
}

constexpr std::initializer_list<std::pair<const char*, ActivationWord>> kWords = {
    {"identity", ActivationWord::identity},
    {"relu", ActivationWord::relu},
    {"leaky_relu", ActivationWord::leaky_relu},
    {"prelu", ActivationWord::prelu},
    {"prelu_position", ActivationWord::prelu_position},
    {"sigmoid", ActivationWord::sigmoid},
    {"tanh", ActivationWord::tanh},
    {"silu", ActivationWord::silu},
    {"dice", ActivationWord::dice},
    {"row_dice", ActivationWord::row_dice}};

ActivationWord read_activation_word(RecipeTable& table, const std::string& key) {
  return table.choice<ActivationWord>(key, kWords).value_or(ActivationWord::identity);
}

// Each kind asks for its own keys, so that a key of another kind is an error.
ActivationRecipe read_activation_table(RecipeTable table) {
  ActivationRecipe activation;
  table.required_text("kind");
  activation.word = read_activation_word(table, "kind");
  switch (activation.word.value) {
    case ActivationWord::leaky_relu:
      activation.slope = table.number("slope").value_or(0.01);
      break;
    case ActivationWord::prelu:
    case ActivationWord::prelu_position:
      activation.alpha = table.required_text("alpha");
      break;
    case ActivationWord::row_dice:
      activation.alpha = table.required_text("alpha");
      activation.epsilon = required_epsilon(table);
      activation.each_channel = table.boolean("each_channel").value_or(false);
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
std::optional<ActivationRecipe> read_activation(RecipeTable& layer) {
  if (layer.holds_table("activation")) return read_activation_table(*layer.table("activation"));
  if (!layer.text("activation")) return std::nullopt;
  const ActivationRecipe activation{.word = read_activation_word(layer, "activation")};
  switch (activation.word.value) {
    case ActivationWord::leaky_relu:
    case ActivationWord::prelu:
    case ActivationWord::prelu_position:
    case ActivationWord::dice:
    case ActivationWord::row_dice:
      throw Error(layer.where("activation"),
                  "this activation has parameters; write a table, activation = { kind = …, "
                  "alpha = \"TENSOR\", … }");
    default:
      return activation;
  }
}

}  // namespace

const char* name_of(ActivationWord word) {
  return std::ranges::find(kWords, word, &std::pair<const char*, ActivationWord>::second)->first;
}

ActivationWord word_of(format::ActivationKind kind) {
  const std::string name = format::EnumNameActivationKind(kind);
  return std::ranges::find(kWords, name, &std::pair<const char*, ActivationWord>::first)->second;
}

std::optional<NormRecipe> read_norm(RecipeTable& parent, const std::string& key) {
  std::optional<RecipeTable> table = parent.table(key);
  if (!table) return std::nullopt;
  NormRecipe norm = read_norm_keys(*table);
  table->require_no_other_keys();
  return norm;
}

std::vector<LayerRecipe> read_layers(RecipeTable& parent, const std::string& key) {
  std::vector<LayerRecipe> layers;
  for (RecipeTable& table : parent.tables(key)) {
    LayerRecipe layer;
    if (table.has("activation") && !table.has("weight")) {
      layer.activation = read_activation(table);
    } else {
      layer.weight = table.required_text("weight");
      layer.bias = text_or_empty(table, "bias");
      layer.input_batch_norm = read_norm(table, "input_batch_norm");
      layer.batch_norm = read_norm(table, "batch_norm");
      layer.activation = read_activation(table);
    }
    table.require_no_other_keys();
    layers.push_back(std::move(layer));
  }
  return layers;
}

}  // namespace dinghy::converter
