#include "converter/presets/codes/onnx/graph_features.h"

#include <algorithm>

#include "converter/graph.h"
#include "converter/presets/codes/onnx/probe.h"
#include "converter/presets/features.h"
#include "converter/presets/inputs.h"
#include "converter/text/quotes.h"

namespace dinghy::converter {
namespace {

// "item" for "embedding_dict.item.weight"; "" where the exporter made the name up.
std::string stem_of(std::string table) {
  if (table.find("::") != std::string::npos) return "";
  for (const char* ending : {".weight", ".embeddings", "/embeddings", ":0"}) {
    if (table.ends_with(ending)) table.resize(table.size() - std::string(ending).size());
  }
  const std::size_t cut = table.find_last_of("./");
  const std::string stem = cut == std::string::npos ? table : table.substr(cut + 1);
  const bool number = std::ranges::all_of(stem, [](char c) { return c >= '0' && c <= '9'; });
  return number || stem.starts_with("val_") ? "" : stem;
}

}  // namespace

// Rows by id - first_id: codes that stack tables add an offset to the ids.
const Expression* GraphFeatures::ids_of(const Expression* rows, std::int64_t& first_id) const {
  const Expression* ids = rows->args[0];
  first_id = 0;
  if (ids->kind == ExpressionKind::input) return ids;
  const std::vector<const Expression*> sources = sources_of(ids, false);
  if (sources.size() == 1 && sources[0]->kind == ExpressionKind::input) {
    const std::optional<Vector> at_zero = numbers_of(ids, {{sources[0], {0.0}}});
    const std::optional<Vector> at_one = numbers_of(ids, {{sources[0], {1.0}}});
    const std::optional<Vector> further = numbers_of(ids, {{sources[0], {12345.0}}});
    if (at_zero && (*at_one)[0] == (*at_zero)[0] + 1 && (*further)[0] == (*at_zero)[0] + 12345) {
      first_id = -static_cast<std::int64_t>((*at_zero)[0]);
      return sources[0];
    }
  }
  graph_.fail(rows, "looks up rows of " + in_quotes(rows->name) + " by something that is no column of ids");
}

bool GraphFeatures::is_whole_input(const Expression* columns) const {
  const auto& inputs = graph_.conversion.checkpoint.graph->inputs;
  const auto input = std::ranges::find(inputs, columns->name, &GraphInput::name);
  if (input == inputs.end() || columns->begin != 0) return false;
  const std::size_t count = columns->time > 0 ? columns->time : columns->width;
  return input->shape.size() < 2 || input->shape[1] < 0 || static_cast<std::size_t>(input->shape[1]) == count;
}

bool GraphFeatures::is_taken(const std::string& name) const {
  const auto& features = graph_.conversion.network.features;
  return std::ranges::find(features, name, &Feature::name) != features.end();
}

std::string GraphFeatures::free_name(const std::string& name, const Expression* columns) const {
  const std::string column = "column_" + std::to_string(columns->begin);
  if (name.empty()) return column;
  return is_taken(name) ? name + "_" + column : name;
}

std::string GraphFeatures::name_of(const Expression* rows) const {
  std::int64_t first_id = 0;
  const Expression* ids = ids_of(rows, first_id);
  return is_whole_input(ids) ? free_name(ids->name, ids) : free_name(stem_of(rows->name), ids);
}

int GraphFeatures::table_of(const Expression* rows, const std::string& feature) {
  std::int64_t first_id = 0;
  ids_of(rows, first_id);
  const auto known = tables_.find({rows->name, first_id});
  if (known != tables_.end()) return known->second;
  Network& network = graph_.conversion.network;
  int table = static_cast<int>(network.tables.size());
  const auto same = std::ranges::find(tables_, rows->name, [](const auto& entry) { return entry.first.first; });
  if (same != tables_.end()) {
    network.tables.push_back(network.tables.at(static_cast<std::size_t>(same->second)));
    network.tables.back().name = feature;
  } else {
    table = add_table(graph_.conversion, rows->name, feature);
  }
  if (first_id != 0) network.tables.back().first_id = first_id;
  tables_[{rows->name, first_id}] = table;
  return table;
}

std::uint32_t GraphFeatures::add(const Expression* rows, format::Role role) {
  const std::string name = name_of(rows);
  return add_id_feature(graph_.conversion, name, role, table_of(rows, name));
}

void GraphFeatures::note_use(const Expression* columns, InputUse use) const {
  use.input = columns->name;
  use.begin = columns->begin;
  use.columns = columns->time > 0 ? columns->time : columns->width;
  graph_.conversion.input_uses.push_back(std::move(use));
}

void GraphFeatures::note_mask(const HistoryMask& mask) const {
  if (mask.kind == HistoryMask::Kind::length) note_use(mask.inputs[0], {.kind = InputUse::Kind::length});
  if (mask.kind != HistoryMask::Kind::marks) return;
  note_use(mask.inputs[0], {.kind = InputUse::Kind::mask, .true_at_behaviours = mask.marks_behaviours});
}

std::uint32_t GraphFeatures::id_feature(const Expression* rows, format::Role assumed) {
  if (const auto known = features_.find(rows); known != features_.end()) return known->second;
  const format::Role role = role_of(graph_.conversion, name_of(rows), assumed);
  const std::uint32_t feature = features_[rows] = add(rows, role);
  std::int64_t first_id = 0;
  note_use(ids_of(rows, first_id), {.kind = InputUse::Kind::feature, .feature = feature});
  return feature;
}

bool GraphFeatures::may_be_candidate(const Expression* rows) const {
  if (const auto known = features_.find(rows); known != features_.end()) {
    return graph_.conversion.network.features.at(known->second).role == format::Role::candidate;
  }
  return role_of(graph_.conversion, name_of(rows), format::Role::candidate) == format::Role::candidate;
}

void GraphFeatures::join_history(std::uint32_t feature, const Expression* key) {
  Conversion& conversion = graph_.conversion;
  std::int64_t first_id = 0;
  columns_[feature] = ids_of(key, first_id);
  note_use(columns_[feature], {.kind = InputUse::Kind::history, .feature = feature});
  const int table_of_history = table_of(key, conversion.network.features.at(feature).name);
  put_in_history(conversion, feature, table_of_history);
  conversion.network.features.at(feature).pad_id = mask_->pad_id;
  if (conversion.recipe.history.pad_row) return;
  const Tensor& rows = conversion.network.tables.at(static_cast<std::size_t>(table_of_history)).source;
  const std::int64_t row = mask_->pad_id - first_id;
  set_pad_row(conversion, feature, row < 0 ? row + rows.shape[0] : row);  // Gather counts from the end
}

std::uint32_t GraphFeatures::history_feature(const Expression* query, const Expression* key) {
  if (const auto known = features_.find(key); known != features_.end()) return known->second;
  std::uint32_t feature = 0;
  if (query) feature = id_feature(query, format::Role::candidate);
  if (!query || columns_.contains(feature)) feature = add(key, format::Role::history);
  join_history(feature, key);
  return features_[key] = feature;
}

std::vector<std::uint32_t> GraphFeatures::dense_features(const Expression* numbers) {
  if (const auto known = features_.find(numbers); known != features_.end()) return {known->second};
  Conversion& conversion = graph_.conversion;
  const auto& named = conversion.recipe.inputs.dense;
  std::vector<NamedWidth> parts;
  if (named) {
    const std::vector<NamedWidth> all = dense_inputs(conversion, {});
    std::size_t width = 0;
    while (width < numbers->width && next_dense_ < all.size()) {
      parts.push_back(all[next_dense_++]);
      width += parts.back().width;
    }
    if (width != numbers->width) graph_.fail(numbers, "[inputs] dense names features of other widths than its columns");
  } else {
    const std::string name = is_whole_input(numbers) ? numbers->name : "";
    parts.push_back({free_name(name, numbers), static_cast<std::uint32_t>(numbers->width)});
  }
  std::vector<std::uint32_t> features;
  std::size_t begin = numbers->begin;
  for (const NamedWidth& part : parts) {
    // A number of the user may come with every candidate: this role never is wrong.
    const format::Role role = role_of(conversion, part.name, format::Role::candidate);
    features.push_back(add_dense_feature(conversion, part.name, role, part.width));
    const Expression* columns = graph_.expressions.input(numbers->name, begin, part.width, 0);
    note_use(columns, {.kind = InputUse::Kind::feature, .feature = features.back()});
    begin += part.width;
  }
  if (features.size() == 1) features_[numbers] = features[0];
  return features;
}

std::uint32_t GraphFeatures::feature_of_ids(const Expression* rows) const {
  for (const auto& [expression, feature] : features_) {
    if (expression->kind == ExpressionKind::rows && expression->args == rows->args) return feature;
  }
  return static_cast<std::uint32_t>(graph_.conversion.network.features.size());
}

void GraphFeatures::set_history(const Expression* at, const HistoryMask& mask, std::size_t length) {
  if (mask_) {
    if (length != length_) graph_.fail(at, "pools a second history of another length; only one is read here");
    if (mask != *mask_) {
      graph_.conversion.found("padding of the history", "the same behaviours for all interests", Certainty::assumed);
      if (mask.inputs != mask_->inputs) note_mask(mask);
    }
    return;
  }
  mask_ = mask;
  length_ = length;
  if (mask.assumes_ones) {
    graph_.conversion.found("the mask " + mask.inputs[0]->name, "is 1 or 0 at every place", Certainty::assumed);
  }
  Sequence sequence;
  sequence.pad_side = mask.side;
  sequence.mask = mask.kind == HistoryMask::Kind::ids ? mask.rule : format::Mask::length;
  const auto& inputs = graph_.conversion.checkpoint.graph->inputs;
  const bool stated = std::ranges::any_of(inputs, [&](const GraphInput& input) {
    return input.shape.size() == 2 && input.shape[1] >= static_cast<std::int64_t>(length);
  });
  if (stated) sequence.max_length = static_cast<std::uint32_t>(length);
  add_history(graph_.conversion, graph_.conversion.recipe.history, sequence,
              stated ? Certainty::file : Certainty::assumed);
  note_mask(mask);
}

void GraphFeatures::check_mask() const {
  if (!mask_ || mask_->kind != HistoryMask::Kind::ids) return;
  std::vector<const Expression*> masking;
  for (const auto& [feature, ids] : columns_) {
    if (std::ranges::find(mask_->inputs, ids) != mask_->inputs.end()) masking.push_back(ids);
  }
  const bool first =
      mask_->rule == format::Mask::first_id && !masking.empty() && columns_.begin()->second == masking[0];
  const bool all = mask_->rule != format::Mask::first_id && masking.size() == columns_.size() &&
                   masking.size() == mask_->inputs.size();
  if (first || all) return;
  throw Error(graph_.conversion.checkpoint.path,
              "its mask reads other columns of the history than its first, or than all of them");
}

}  // namespace dinghy::converter
