#include "converter/presets/features.h"

#include <algorithm>

#include "converter/error.h"
#include "converter/text/quotes.h"
#include "converter/text/suggestion.h"

namespace dinghy::converter {
namespace {

std::vector<std::string> names_of(const std::vector<Feature>& features) {
  std::vector<std::string> names;
  for (const Feature& feature : features) names.push_back(feature.name);
  return names;
}

[[noreturn]] void fail_unknown(const Conversion& conversion, const std::string& section, const std::string& name) {
  const std::vector<std::string> names = names_of(conversion.network.features);
  throw Error(conversion.recipe.where(), section + " names the feature " + in_quotes(name) + ", which there is not" +
                                             did_you_mean(name, names) + "; this checkpoint has " + listed(names));
}

void check_missing_row(const IdsRecipe& ids, std::uint64_t rows, const std::string& feature) {
  if (ids.row && *ids.row >= rows) {
    throw Error(ids.where, "the table of " + in_quotes(feature) + " has no row " + std::to_string(*ids.row) +
                               ", only rows 0 to " + std::to_string(rows - 1));
  }
}

void add_feature(Conversion& conversion, Feature feature) {
  if (std::ranges::count(names_of(conversion.network.features), feature.name) > 0) {
    throw Error(conversion.recipe.where(), "the feature " + in_quotes(feature.name) + " is there twice");
  }
  conversion.network.features.push_back(std::move(feature));
}

}  // namespace

std::uint32_t feature_index(const Conversion& conversion, const std::string& name) {
  const std::vector<Feature>& features = conversion.network.features;
  const auto found = std::ranges::find(features, name, &Feature::name);
  if (found == features.end()) fail_unknown(conversion, "it", name);
  return static_cast<std::uint32_t>(found - features.begin());
}

int add_table(Conversion& conversion, const std::string& tensor, const std::string& feature,
              format::MissingId missing) {
  Table table;
  table.name = feature;
  table.source = conversion.claims.take(tensor);
  if (table.source.shape.size() != 2 || table.source.shape[0] < 1 || table.source.shape[1] < 1) {
    conversion.claims.fail(tensor, "has the shape " + table.source.shape_text() + "; a table needs [rows, width]");
  }
  table.missing = missing;
  if (const auto ids = conversion.recipe.ids.find(feature); ids != conversion.recipe.ids.end()) {
    check_missing_row(ids->second, static_cast<std::uint64_t>(table.source.shape[0]), feature);
    table.first_id = ids->second.first.value_or(0);
    table.missing = ids->second.missing.value_or(missing);
    table.missing_row = ids->second.row.value_or(0);
  }
  conversion.network.tables.push_back(std::move(table));
  return static_cast<int>(conversion.network.tables.size() - 1);
}

std::uint32_t add_id_feature(Conversion& conversion, const std::string& name, format::Role role, int table) {
  Feature feature;
  feature.name = name;
  feature.role = role;
  feature.table = table;
  feature.width =
      static_cast<std::uint32_t>(conversion.network.tables.at(static_cast<std::size_t>(table)).source.shape[1]);
  add_feature(conversion, std::move(feature));
  return static_cast<std::uint32_t>(conversion.network.features.size() - 1);
}

std::uint32_t add_dense_feature(Conversion& conversion, const std::string& name, format::Role role,
                                std::uint32_t width) {
  Feature feature;
  feature.name = name;
  feature.role = role;
  feature.kind = format::FeatureKind::dense;
  feature.width = width;
  feature.dense_width = width;
  add_feature(conversion, std::move(feature));
  return static_cast<std::uint32_t>(conversion.network.features.size() - 1);
}

void add_history(Conversion& conversion, std::uint32_t max_length, Certainty certainty) {
  const HistoryRecipe& recipe = conversion.recipe.history;
  const auto [length, length_certainty] = conversion.decide(recipe.max_length, max_length, certainty);
  const auto [keep, keep_certainty] = conversion.decide(recipe.keep, format::Keep::last, Certainty::assumed);
  Sequence sequence;
  sequence.max_length = length;
  sequence.keep = keep;
  conversion.network.sequences.push_back(sequence);
  conversion.found("longest history", length == 0 ? "no limit" : std::to_string(length) + " behaviours",
                   length_certainty);
  if (length > 0) {
    conversion.found("a longer history", keep == format::Keep::last ? "keeps its last" : "keeps its first",
                     keep_certainty);
  }
}

void put_in_history(Conversion& conversion, std::uint32_t feature, int table) {
  const std::int64_t pad_row = conversion.recipe.history.pad_row.value_or(0);
  const Table& rows = conversion.network.tables.at(static_cast<std::size_t>(table));
  if (pad_row >= rows.source.shape[0]) {
    throw Error(conversion.recipe.where(), "[history] pad_row is " + std::to_string(pad_row) + ", but the table of " +
                                               in_quotes(rows.name) + " has only rows 0 to " +
                                               std::to_string(rows.source.shape[0] - 1));
  }
  Feature& column = conversion.network.features.at(feature);
  column.sequence = 0;
  column.history_table = table;
  column.pad_row = pad_row;
}

void rename_features(Conversion& conversion) {
  const std::vector<std::string> names = names_of(conversion.network.features);
  for (const auto& [name, ids] : conversion.recipe.ids) {
    if (std::ranges::count(names, name) == 0) fail_unknown(conversion, "[ids]", name);
  }
  for (const auto& [name, request_name] : conversion.recipe.rename) {
    if (std::ranges::count(names, name) == 0) fail_unknown(conversion, "[rename]", name);
    conversion.network.features.at(feature_index(conversion, name)).name = request_name;
  }
  std::vector<std::string> renamed = names_of(conversion.network.features);
  std::ranges::sort(renamed);
  const auto twice = std::ranges::adjacent_find(renamed);
  if (twice != renamed.end()) {
    throw Error(conversion.recipe.where(), "after [rename] two features are called " + in_quotes(*twice));
  }
}

void report_roles(Conversion& conversion, Certainty roles, Certainty history) {
  const auto names_with = [&](auto predicate) {
    std::vector<std::string> names;
    for (const Feature& feature : conversion.network.features) {
      if (!predicate(feature)) continue;
      const auto renamed = conversion.recipe.rename.find(feature.name);
      names.push_back(renamed == conversion.recipe.rename.end() ? feature.name
                                                                : feature.name + " as " + renamed->second);
    }
    return names;
  };
  const auto report = [&](const std::string& subject, Certainty certainty, auto predicate) {
    const std::vector<std::string> names = names_with(predicate);
    if (!names.empty()) conversion.found(subject, listed(names), certainty);
  };
  report("features of the user", roles, [](const Feature& f) { return f.role == format::Role::user; });
  report("features of the context", roles, [](const Feature& f) { return f.role == format::Role::context; });
  report("features of a candidate", roles, [](const Feature& f) { return f.role == format::Role::candidate; });
  report("columns of the history", history, [](const Feature& f) { return f.sequence >= 0; });
}

}  // namespace dinghy::converter
