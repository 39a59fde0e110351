#include "converter/explanation/generic_recipe.h"

#include <algorithm>
#include <tuple>

#include "converter/explanation/recipe_text.h"
#include "converter/text/quotes.h"
#include "converter/text/suggestion.h"

namespace dinghy::converter {
namespace {

const std::string kRecipe = "recipe.toml";

[[noreturn]] void fail_undescribed(const Conversion& conversion, const Preset& preset) {
  std::vector<std::string> described;
  for (const Preset* other : presets()) {
    if (other->describe) described.emplace_back(other->name);
  }
  throw Error(conversion.checkpoint.path, std::string("the preset ") + preset.name +
                                              " builds its network in code, which --generic cannot write down; it can "
                                              "for " +
                                              listed(described));
}

// A vocabulary is called as its file, so the file as the vocabulary, where that is a plain name.
std::string file_name(const Vocabulary& vocabulary, const RecipeFolder& written) {
  const std::string& name = vocabulary.name;
  const bool is_plain = std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
           c == '.';
  });
  const bool is_free = std::ranges::none_of(written, [&](const auto& file) { return file.first == name; });
  if (is_plain && is_free && !name.empty() && !name.starts_with('.') && name != kRecipe) return name;
  return "vocabulary-" + std::to_string(written.size() + 1) + ".tsv";
}

std::string lines_of(const Vocabulary& vocabulary) {
  std::string text;
  for (const auto& [id, row] : vocabulary.int64_rows) text += std::to_string(id) + "\t" + std::to_string(row) + "\n";
  for (const auto& [id, row] : vocabulary.string_rows) {
    if (id.empty() || id.find_first_of("\t\r\n") != std::string::npos) {
      throw Error(vocabulary.name, "no line of a vocabulary can hold the id " + in_quotes(id));
    }
    text += id + "\t" + std::to_string(row) + "\n";
  }
  return text;
}

// Nothing where ids count from 0 and one without a row is an error.
std::optional<IdsRecipe> ids_of(const Table& table, const RecipeFolder& written) {
  IdsRecipe ids;
  if (table.first_id != 0) ids.first = table.first_id;
  if (table.vocabulary >= 0) ids.vocabulary = written.at(static_cast<std::size_t>(table.vocabulary)).first;
  if (table.hash != format::IdHash::none) {
    ids.hash = table.hash;
    ids.buckets = table.hash_buckets;
  }
  if (table.missing != format::MissingId::fail) ids.missing = table.missing;
  if (table.missing == format::MissingId::row) ids.row = table.missing_row;
  const bool says = ids.first || ids.hash || ids.missing || !ids.vocabulary.empty();
  return says ? std::optional(ids) : std::nullopt;
}

bool has_same_ids(const Table& a, const Table& b) {
  return std::tie(a.first_id, a.vocabulary, a.hash, a.hash_buckets, a.missing, a.missing_row) ==
         std::tie(b.first_id, b.vocabulary, b.hash, b.hash_buckets, b.missing, b.missing_row);
}

// [ids] of a feature are those of its behaviours, too.
void require_same_ids(const Conversion& conversion, const Feature& feature) {
  if (feature.history_table < 0 || feature.table < 0) return;
  const std::vector<Table>& tables = conversion.network.tables;
  const Table& own = tables.at(static_cast<std::size_t>(feature.table));
  if (has_same_ids(own, tables.at(static_cast<std::size_t>(feature.history_table)))) return;
  throw Error(conversion.checkpoint.path, "finds the rows of " + in_quotes(feature.name) +
                                              " otherwise for behaviours than for candidates, which no generic recipe "
                                              "can say");
}

// What the reader leaves out, and counters of batch norm, need no word.
std::map<std::string, std::string> ignored_of(const Conversion& conversion) {
  std::map<std::string, std::string> ignored;
  for (const auto& [tensor, reason] : conversion.claims.ignored()) {
    if (!conversion.checkpoint.find(tensor) || tensor.ends_with("num_batches_tracked")) continue;
    ignored.emplace(tensor, reason);
  }
  return ignored;
}

}  // namespace

RecipeFolder generic_recipe(const Conversion& conversion, const Preset& preset) {
  if (!conversion.description) fail_undescribed(conversion, preset);
  RecipeFolder written;
  for (const Vocabulary& vocabulary : conversion.network.vocabularies) {
    written.emplace_back(file_name(vocabulary, written), lines_of(vocabulary));
  }
  Recipe recipe;
  recipe.network = conversion.description;
  recipe.weights = conversion.recipe.weights;
  recipe.rename = conversion.recipe.rename;
  recipe.packed = conversion.recipe.packed;
  recipe.ignore = ignored_of(conversion);
  const std::vector<FeatureRecipe>& features = conversion.description->features;
  for (std::size_t i = 0; i < features.size(); ++i) {
    require_same_ids(conversion, conversion.network.features[i]);
    const int table = conversion.network.features[i].table;
    if (table < 0) continue;
    const auto ids = ids_of(conversion.network.tables.at(static_cast<std::size_t>(table)), written);
    if (ids) recipe.ids.emplace(features[i].name, *ids);
  }
  const std::string text = "# For " + json_string(conversion.checkpoint.path) + ", as the preset " + preset.name +
                           " has it. A line with # behind it was said by no recipe.\n" + recipe_text(recipe);
  written.emplace_back(kRecipe, text);
  return written;
}

}  // namespace dinghy::converter
