#include "converter/presets/codes/deepctr_torch_columns.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "converter/error.h"
#include "converter/presets/facts.h"
#include "converter/presets/features.h"
#include "converter/presets/inputs.h"
#include "converter/text/quotes.h"
#include "converter/text/suggestion.h"

namespace dinghy::converter {
namespace {

using Json = nlohmann::json;

const std::string kTables = "embedding_dict.";
const std::string kWeight = ".weight";
const std::string kHistory = "hist_";  // the package's own prefix of a history column

Json fact_as_json(const Checkpoint& checkpoint, const std::string& path) {
  const std::string* text = find_fact(checkpoint, path);
  Json value = text ? Json::parse(*text, nullptr, false) : Json();
  return value;
}

[[noreturn]] void fail_column(const Checkpoint& checkpoint, const std::string& path) {
  throw Error(checkpoint.path + ": " + path,
              "is no feature column of DeepCTR-Torch as known here; save the "
              "state_dict and write a recipe");
}

// SparseFeat(name, vocabulary_size, embedding_dim, use_hash, dtype, embedding_name, group_name)
DeepctrTorchColumns::Sparse sparse_of(const Checkpoint& checkpoint, const std::string& path) {
  const Json arguments = fact_as_json(checkpoint, path + ".class.args");
  if (!arguments.is_array() || arguments.size() < 6 || !arguments[0].is_string() || !arguments[5].is_string()) {
    fail_column(checkpoint, path);
  }
  return {arguments[0], arguments[5]};
}

// DenseFeat(name, dimension, dtype)
DeepctrTorchColumns::Dense dense_of(const Checkpoint& checkpoint, const std::string& path) {
  const Json arguments = fact_as_json(checkpoint, path + ".class.args");
  if (!arguments.is_array() || arguments.size() < 2 || !arguments[0].is_string() ||
      !arguments[1].is_number_unsigned()) {
    fail_column(checkpoint, path);
  }
  return {arguments[0], arguments[1]};
}

// VarLenSparseFeat(SparseFeat, maxlen, combiner, length_name)
void add_sequence(const Checkpoint& checkpoint, const std::string& path, const Json& history_names,
                  DeepctrTorchColumns& columns) {
  const DeepctrTorchColumns::Sparse inner = sparse_of(checkpoint, path + ".class.args[0]");
  const Json max_length = fact_as_json(checkpoint, path + ".class.args[1]");
  if (!max_length.is_number_unsigned()) fail_column(checkpoint, path);
  const bool of_history = std::ranges::any_of(history_names, [&](const Json& name) {
    return name.is_string() && kHistory + name.get<std::string>() == inner.name;
  });
  if (!of_history) {
    throw Error(checkpoint.path, "the sequence " + in_quotes(inner.name) +
                                     " is pooled without attention; use preset = \"generic\" with a bag feature");
  }
  columns.history.push_back({inner.name.substr(kHistory.size()), inner.table});
  columns.max_length = max_length;
}

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::ranges::find(names, name) != names.end();
}

// A history with tables of its own: in the order of the keys. Else its features, in the order of the query.
std::vector<DeepctrTorchColumns::History> history_of(const Conversion& conversion,
                                                     const std::vector<std::string>& tables) {
  std::vector<DeepctrTorchColumns::History> history;
  for (const std::string& table : tables) {
    if (!table.starts_with(kHistory)) continue;
    const std::string feature = table.substr(kHistory.size());
    if (contains(tables, feature)) history.push_back({feature, table});
  }
  const std::vector<std::string> named = conversion.recipe.inputs.history.value_or(std::vector<std::string>{});
  if (!history.empty()) {
    for (const std::string& feature : named) {
      if (std::ranges::find(history, feature, &DeepctrTorchColumns::History::feature) == history.end()) {
        throw Error(conversion.recipe.where(), "[inputs] history names " + in_quotes(feature) + ", but only " +
                                                   in_quotes(history[0].table) + " and its like are histories");
      }
    }
    return history;
  }
  for (const std::string& table : tables) {
    if (contains(named, table)) history.push_back({table, table});
  }
  if (history.size() != named.size()) {
    throw Error(conversion.recipe.where(),
                "[inputs] history has to be some of the tables of this checkpoint: " + listed(tables));
  }
  return history;
}

}  // namespace

bool holds_columns(const Checkpoint& checkpoint) {
  return find_fact(checkpoint, "dnn_feature_columns[0].class") != nullptr;
}

DeepctrTorchColumns columns_of_module(const Checkpoint& checkpoint) {
  DeepctrTorchColumns columns;
  const Json history_names = fact_as_json(checkpoint, "history_feature_list");
  for (std::size_t i = 0;; ++i) {
    const std::string path = "dnn_feature_columns[" + std::to_string(i) + "]";
    const std::string* type = find_fact(checkpoint, path + ".class");
    if (!type) return columns;
    if (type->ends_with(".SparseFeat"))
      columns.sparse.push_back(sparse_of(checkpoint, path));
    else if (type->ends_with(".DenseFeat"))
      columns.dense.push_back(dense_of(checkpoint, path));
    else if (type->ends_with(".VarLenSparseFeat"))
      add_sequence(checkpoint, path, history_names, columns);
    else
      fail_column(checkpoint, path);
  }
}

DeepctrTorchColumns columns_of_tables(Conversion& conversion) {
  const std::vector<std::string> tables =
      network_order(conversion, names_between(conversion.checkpoint, kTables, kWeight));
  DeepctrTorchColumns columns;
  columns.certainty = conversion.recipe.inputs.history ? Certainty::recipe : Certainty::assumed;
  columns.history = history_of(conversion, tables);
  if (columns.history.empty()) {
    throw Error(conversion.checkpoint.path,
                "does not say which features the history has; write a recipe with [inputs] history = […], out of " +
                    listed(tables));
  }
  for (const std::string& table : tables) {
    const auto own = std::ranges::find(columns.history, table, &DeepctrTorchColumns::History::table);
    if (own != columns.history.end() && own->feature != table) continue;
    columns.sparse.push_back({table, table});
  }
  for (const NamedWidth& dense : dense_inputs(conversion, tables)) columns.dense.push_back({dense.name, dense.width});
  return columns;
}

}  // namespace dinghy::converter
