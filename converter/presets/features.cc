#include "converter/presets/features.h"

#include <algorithm>
#include <set>

#include "converter/error.h"
#include "converter/packed_rows.h"
#include "converter/presets/ids.h"
#include "converter/presets/packed_tables.h"
#include "converter/table_form.h"
#include "converter/text/quotes.h"
#include "converter/text/suggestion.h"

namespace dinghy::converter {
namespace {

std::vector<std::string> names_of(const std::vector<Feature>& features) {
  std::vector<std::string> names;
  for (const Feature& feature : features) names.push_back(feature.name);
  return names;
}

const char* to_text(format::Mask mask) {
  switch (mask) {
    case format::Mask::all_ids:
      return "those with an id that is no padding";
    case format::Mask::first_id:
      return "those whose first id is no padding";
    case format::Mask::every_id:
      return "those without an id of padding";
    default:
      return "all";
  }
}

[[noreturn]] void fail_unknown(const Conversion& conversion, const std::string& section, const std::string& name) {
  const std::vector<std::string> names = names_of(conversion.network.features);
  throw Error(conversion.recipe.where(), section + " names the feature " + in_quotes(name) + ", which there is not" +
                                             did_you_mean(name, names) + "; this checkpoint has " + listed(names));
}

// The rows of a table: two dimensions, or one for numbers that are added to the logit.
Tensor as_rows(Tensor tensor) {
  if (tensor.shape.size() == 1) {
    tensor.shape.push_back(1);
    tensor.strides.push_back(1);
  }
  return tensor;
}

void add_feature(Conversion& conversion, Feature feature) {
  if (std::ranges::count(names_of(conversion.network.features), feature.name) > 0) {
    throw Error(conversion.recipe.where(), "the feature " + in_quotes(feature.name) + " is there twice");
  }
  conversion.network.features.push_back(std::move(feature));
}

void report_padding(Conversion& conversion, Certainty otherwise) {
  std::set<std::int64_t> rows;
  for (const Feature& feature : conversion.network.features) {
    if (feature.sequence >= 0 && feature.kind != format::FeatureKind::dense) rows.insert(feature.pad_row);
  }
  std::vector<std::string> shown;
  for (const std::int64_t row : rows) shown.push_back(row < 0 ? "a vector of zeros" : "row " + std::to_string(row));
  if (shown.empty()) return;
  std::optional<RecipeLine> line;
  if (rows.size() == 1) line = {"history", "pad_row = " + std::to_string(*rows.begin())};
  conversion.found("padding of the history", listed(shown),
                   conversion.recipe.history.pad_row ? Certainty::recipe : otherwise, line);
}

}  // namespace

std::vector<std::string> names_between(const Checkpoint& checkpoint, const std::string& prefix,
                                       const std::string& suffix) {
  std::vector<std::string> names;
  for (const Tensor& tensor : checkpoint.tensors) {
    if (!tensor.name.starts_with(prefix) || !tensor.name.ends_with(suffix)) continue;
    names.push_back(tensor.name.substr(prefix.size(), tensor.name.size() - prefix.size() - suffix.size()));
  }
  return names;
}

std::uint32_t feature_index(const Conversion& conversion, const std::string& name) {
  const std::vector<Feature>& features = conversion.network.features;
  const auto found = std::ranges::find(features, name, &Feature::name);
  if (found == features.end()) fail_unknown(conversion, "it", name);
  return static_cast<std::uint32_t>(found - features.begin());
}

Tensor rows_of(const Tensor& table, std::int64_t first, std::int64_t count, const std::string& feature) {
  Tensor rows = table;
  rows.name += ": " + feature;
  rows.offset += static_cast<std::uint64_t>(first * table.strides[0]);
  rows.shape[0] = count;
  return rows;
}

const Tensor& take_rows(TensorClaims& claims, const std::string& name) {
  const Tensor& rows = claims.take(name);
  if (rows.shape.size() != 2 || rows.shape[0] < 1 || rows.shape[1] < 1) {
    claims.fail(name, "has the shape " + rows.shape_text() + "; a table needs [rows, width]");
  }
  return rows;
}

int add_table(Conversion& conversion, const std::string& tensor, const std::string& feature,
              format::MissingId missing) {
  return add_table(conversion, take_rows(conversion.claims, tensor), feature, missing);
}

int add_table(Conversion& conversion, const Tensor& rows, const std::string& feature, format::MissingId missing) {
  if (rows.dtype == DType::u8) conversion.claims.fail(rows.name, packed_hint(rows));
  Table table;
  table.name = feature;
  table.source = rows;
  table.missing = missing;
  if (const auto form = packed_form(rows)) {
    set_form(table, *form);
    const std::string word = word_of(*form);
    conversion.found("rows of the table " + feature, word + ", as the checkpoint packs them", Certainty::recipe,
                     RecipeLine{"packed", json_string(rows.name) + " = " + json_string(word)});
  }
  apply_ids(conversion, table, feature);
  conversion.network.tables.push_back(std::move(table));
  return static_cast<int>(conversion.network.tables.size() - 1);
}

void add_bias(Conversion& conversion, const std::string& tensor, std::uint32_t feature, format::MissingId missing) {
  const Tensor rows = as_rows(conversion.claims.take(tensor));
  if (rows.shape.size() != 2 || rows.shape[0] < 1 || rows.shape[1] != 1) {
    conversion.claims.fail(tensor, "has the shape " + rows.shape_text() + "; a bias needs a number for each row");
  }
  const std::string& name = conversion.network.features.at(feature).name;
  const int table = add_table(conversion, rows, name, missing);
  conversion.network.tables.back().name = name + " bias";
  conversion.network.head.biases.push_back({feature, static_cast<std::uint32_t>(table)});
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

void project_numbers(Conversion& conversion, std::uint32_t feature, Layer layer) {
  Feature& numbers = conversion.network.features.at(feature);
  numbers.width = static_cast<std::uint32_t>(layer.weight.cols);
  numbers.projection = std::move(layer);
}

void add_history(Conversion& conversion, std::uint32_t max_length, Certainty certainty) {
  Sequence sequence;
  sequence.max_length = max_length;
  add_history(conversion, conversion.recipe.history, sequence, certainty);
}

void add_history(Conversion& conversion, const HistoryRecipe& recipe, Sequence otherwise, Certainty certainty,
                 Certainty keep) {
  SequenceRecipe history{.name = recipe.name,
                         .max_length = {otherwise.max_length, certainty},
                         .keep = {otherwise.keep, keep},
                         .mask = {otherwise.mask, Certainty::preset},
                         .pad_side = {otherwise.pad_side, Certainty::preset}};
  override_history(history, recipe);
  add_history(conversion, history);
}

void add_history(Conversion& conversion, const SequenceRecipe& recipe) {
  const auto& [name, max_length, keep, mask, pad_side] = recipe;
  conversion.network.sequences.push_back({name, max_length.value, keep.value, mask.value, pad_side.value});
  const std::string of = name == "history" ? "" : " of " + name;
  const auto line = [](const char* key, const std::string& value) {
    return RecipeLine{"history", std::string(key) + " = " + value};
  };
  const std::uint32_t length = max_length.value;
  if (length == 0) conversion.found("longest history" + of, "no limit", max_length.certainty);
  if (length > 0) {
    conversion.found("longest history" + of, std::to_string(length) + " behaviours", max_length.certainty,
                     line("max_length", std::to_string(length)));
    conversion.found("a longer history" + of, keep.value == format::Keep::last ? "keeps its last" : "keeps its first",
                     keep.certainty, line("keep", keep.value == format::Keep::last ? "\"last\"" : "\"first\""));
  }
  if (mask.value != format::Mask::length) {
    conversion.found("behaviours that count" + of, to_text(mask.value), mask.certainty,
                     line("mask", json_string(format::EnumNameMask(mask.value))));
  }
  if (pad_side.value == format::PadSide::left) {
    conversion.found("padding" + of, "before the behaviours", pad_side.certainty, line("pad_side", "\"left\""));
  }
}

void put_in_history(Conversion& conversion, std::uint32_t feature, int table, int sequence) {
  Feature& column = conversion.network.features.at(feature);
  column.sequence = sequence;
  column.history_table = table;
  set_pad_row(conversion, feature, conversion.recipe.history.pad_row.value_or(0));
}

void put_numbers_in_history(Conversion& conversion, std::uint32_t feature, int sequence, const Vector& padding) {
  Feature& column = conversion.network.features.at(feature);
  column.sequence = sequence;
  column.pad_vector = padding;
  if (column.projection) {
    const Matrix& weight = column.projection->weight;
    column.pad_vector = column.projection->bias;
    if (!padding.empty()) column.pad_vector.resize(weight.cols);
    for (std::size_t i = 0; i < padding.size(); ++i) {
      for (std::size_t o = 0; o < weight.cols; ++o) column.pad_vector[o] += padding[i] * weight.at(i, o);
    }
  }
  if (std::ranges::all_of(column.pad_vector, [](double x) { return x == 0; })) column.pad_vector.clear();
}

void set_pad_row(Conversion& conversion, std::uint32_t feature, std::int64_t pad_row) {
  Feature& column = conversion.network.features.at(feature);
  const Table& rows = conversion.network.tables.at(static_cast<std::size_t>(column.history_table));
  if (pad_row >= rows.source.shape[0]) {
    throw Error(conversion.recipe.where(), "pad_row is " + std::to_string(pad_row) + ", but the table of " +
                                               in_quotes(rows.name) + " has only rows 0 to " +
                                               std::to_string(rows.source.shape[0] - 1));
  }
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

void report_roles(Conversion& conversion, Certainty roles, Certainty history, Certainty padding) {
  const auto report = [&](const std::string& subject, const std::string& list, Certainty certainty, auto predicate) {
    std::vector<std::string> shown, quoted;
    for (const Feature& feature : conversion.network.features) {
      if (!predicate(feature)) continue;
      const auto renamed = conversion.recipe.rename.find(feature.name);
      shown.push_back(renamed == conversion.recipe.rename.end() ? feature.name
                                                                : feature.name + " as " + renamed->second);
      quoted.push_back(json_string(feature.name));
    }
    if (shown.empty()) return;
    std::optional<RecipeLine> line;
    if (!conversion.says("inputs", list)) line = {"inputs", list + " = [" + listed(quoted) + "]"};
    conversion.found(subject, listed(shown), certainty, line);
  };
  report("features of the user", "user", roles, [](const Feature& f) { return f.role == format::Role::user; });
  report("features of the context", "context", roles, [](const Feature& f) { return f.role == format::Role::context; });
  report("features of a candidate", "candidate", roles,
         [](const Feature& f) { return f.role == format::Role::candidate; });
  report("columns of the history", "history", history, [](const Feature& f) { return f.sequence >= 0; });
  report_padding(conversion, padding);
}

}  // namespace dinghy::converter
