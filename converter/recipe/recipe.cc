#include "converter/recipe/recipe.h"

#include <filesystem>

#include "converter/error.h"
#include "converter/recipe/recipe_table.h"
#include "converter/table_form.h"
#include "converter/text/text_file.h"

namespace dinghy::converter {
namespace {

constexpr std::uint64_t kMaxRecipe = 1 << 20;

InputsRecipe read_inputs(RecipeTable table) {
  InputsRecipe inputs;
  inputs.user = table.texts("user");
  inputs.context = table.texts("context");
  inputs.candidate = table.texts("candidate");
  inputs.history = table.texts("history");
  inputs.dense = table.texts("dense");
  inputs.order = table.texts("order");
  table.require_no_other_keys();
  return inputs;
}

// Activations that no tensor tells of; Dice and PReLU are seen in the checkpoint.
std::optional<format::ActivationKind> read_plain_activation(RecipeTable& table) {
  return table.choice<format::ActivationKind>("activation", {{"identity", format::ActivationKind::identity},
                                                             {"relu", format::ActivationKind::relu},
                                                             {"sigmoid", format::ActivationKind::sigmoid},
                                                             {"tanh", format::ActivationKind::tanh}});
}

AttentionRecipe read_attention(RecipeTable table) {
  AttentionRecipe attention;
  attention.softmax = table.boolean("softmax");
  attention.scale = read_scale(table, "scale");
  attention.activation = read_plain_activation(table);
  table.require_no_other_keys();
  return attention;
}

TowerRecipe read_tower(RecipeTable table) {
  TowerRecipe tower;
  tower.activation = read_plain_activation(table);
  table.require_no_other_keys();
  return tower;
}

EpsilonRecipe read_epsilon(RecipeTable table) {
  EpsilonRecipe epsilon;
  epsilon.dice = table.number("dice");
  epsilon.batch_norm = table.number("batch_norm");
  table.require_no_other_keys();
  return epsilon;
}

std::optional<format::Link> read_link(RecipeTable head) {
  const auto link =
      head.choice<format::Link>("link", {{"sigmoid", format::Link::sigmoid}, {"identity", format::Link::identity}});
  head.require_no_other_keys();
  return link;
}

// Relative to the folder of the recipe, so that the two can move together.
std::string beside(const std::string& recipe, const std::string& path) {
  return (std::filesystem::path(recipe).parent_path() / path).string();
}

void read_hash(RecipeTable& table, IdsRecipe& ids) {
  ids.hash =
      table.choice<format::IdHash>("hash", {{"farmhash64", format::IdHash::farmhash64_decimal},
                                            {"farmhash64_keep_zero", format::IdHash::farmhash64_decimal_keep_zero}});
  const std::optional<std::int64_t> buckets = table.integer("buckets");
  if (!buckets) return;
  if (!ids.hash) throw Error(table.where("buckets"), "\"buckets\" belongs to \"hash\"");
  if (*buckets < 1) throw Error(table.where("buckets"), "\"buckets\" has to be a count of rows");
  ids.buckets = static_cast<std::uint64_t>(*buckets);
}

IdsRecipe read_ids(RecipeTable table, const std::string& recipe) {
  IdsRecipe ids;
  ids.where = table.where();
  ids.first = table.integer("first");
  if (const auto vocabulary = table.text("vocabulary")) ids.vocabulary = beside(recipe, *vocabulary);
  read_hash(table, ids);
  ids.missing = table.choice<format::MissingId>("missing", {{"fail", format::MissingId::fail},
                                                            {"zero", format::MissingId::zero},
                                                            {"row", format::MissingId::row},
                                                            {"clamp", format::MissingId::clamp}});
  const std::optional<std::int64_t> row = table.integer("row");
  table.require_no_other_keys();
  if (row.has_value() != (ids.missing == format::MissingId::row)) {
    throw Error(ids.where, "\"row\" and missing = \"row\" belong together");
  }
  if (row && *row < 0) throw Error(table.where("row"), "\"row\" has to be a row of the table, from 0");
  if (row) ids.row = static_cast<std::uint64_t>(*row);
  if (!ids.vocabulary.empty() && (ids.hash || ids.first || ids.missing == format::MissingId::clamp)) {
    throw Error(ids.where, "with \"vocabulary\" there is no \"first\", no \"hash\" and no nearest row to clamp to");
  }
  return ids;
}

std::map<std::string, format::RowForm> read_packed(RecipeTable table) {
  using enum format::RowForm;
  std::map<std::string, format::RowForm> packed;
  for (const auto& [tensor, word] : table.all_texts()) {
    packed.emplace(tensor, *table.choice<format::RowForm>(
                               tensor, {{word_of(i8), i8}, {word_of(i8_half), i8_half}, {word_of(i4), i4}}));
  }
  return packed;
}

// The sections that adjust what a preset knows of a public code. A generic recipe has its own sections instead.
void read_preset_sections(RecipeTable& root, Recipe& recipe) {
  if (auto table = root.table("inputs")) recipe.inputs = read_inputs(*table);
  if (auto table = root.table("attention")) recipe.attention = read_attention(*table);
  if (auto table = root.table("tower")) recipe.tower = read_tower(*table);
  if (auto table = root.table("epsilon")) recipe.epsilon = read_epsilon(*table);
  if (auto table = root.table("history")) recipe.history = read_history(*table, false);
  if (auto table = root.table("head")) recipe.link = read_link(*table);
}

}  // namespace

Recipe parse_recipe(const std::string& text, const std::string& path) {
  RecipeTable root = RecipeTable::parse(text, path);
  Recipe recipe;
  recipe.path = path;
  recipe.text = text;
  recipe.preset = root.text("preset").value_or("");
  recipe.weights = root.text("weights").value_or("");
  if (recipe.preset.empty() && root.has("layout")) {
    throw Error(root.where("layout"), "a recipe that names tensors needs preset = \"generic\"");
  }
  if (recipe.preset == "generic") {
    recipe.network = read_network_recipe(root);
  } else {
    read_preset_sections(root, recipe);
  }
  if (auto table = root.table("rename")) recipe.rename = table->all_texts();
  if (auto table = root.table("ignore")) recipe.ignore = table->all_texts();
  if (auto table = root.table("packed")) recipe.packed = read_packed(*table);
  if (auto table = root.table("ids")) {
    for (const auto& [feature, ids] : table->all_tables()) recipe.ids.emplace(feature, read_ids(ids, path));
  }
  root.require_no_other_keys();
  return recipe;
}

Recipe read_recipe(const std::string& path) {
  return parse_recipe(read_text_file(path, "a recipe is a TOML file, see docs/recipes.md", kMaxRecipe), path);
}

}  // namespace dinghy::converter
