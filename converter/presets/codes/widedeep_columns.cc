#include "converter/presets/codes/widedeep_columns.h"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "converter/error.h"
#include "converter/presets/facts.h"

namespace dinghy::converter {
namespace {

using Json = nlohmann::json;

const std::string kItems = "user_behavior_embed.cat_embed.embed.weight";

Json fact_as_json(const Checkpoint& checkpoint, const std::string& path) {
  const std::string* text = find_fact(checkpoint, path);
  return text ? Json::parse(*text, nullptr, false) : Json();
}

std::vector<WidedeepColumns::Table> tables_of(const Checkpoint& checkpoint, const std::string& begin,
                                              const std::string& end) {
  std::vector<WidedeepColumns::Table> tables;
  for (const Tensor& tensor : checkpoint.tensors) {
    if (!tensor.name.starts_with(begin) || !tensor.name.ends_with(end)) continue;
    tables.push_back({tensor.name.substr(begin.size(), tensor.name.size() - begin.size() - end.size()), tensor.name});
  }
  return tables;
}

void order_tables(Conversion& conversion, WidedeepColumns& columns) {
  std::vector<std::string> names;
  for (const auto* tables : {&columns.sums, &columns.others}) {
    for (const WidedeepColumns::Table& table : *tables) names.push_back(table.name);
  }
  if (names.empty()) return;
  names = network_order(conversion, names);
  const auto place = [&](const WidedeepColumns::Table& table) { return std::ranges::find(names, table.name); };
  for (auto* tables : {&columns.sums, &columns.others}) std::ranges::sort(*tables, {}, place);
}

std::vector<NamedWidth> dense_columns(const Conversion& conversion, const WidedeepColumns& columns) {
  std::vector<NamedWidth> dense;
  const Json names = fact_as_json(conversion.checkpoint, columns.net + "continuous_cols");
  if (names.is_array()) {
    for (const Json& name : names) {
      if (name.is_string()) dense.push_back({name, 1});
    }
    return dense;
  }
  std::vector<std::string> tables = {columns.item};
  for (const WidedeepColumns::Table& table : columns.sums) tables.push_back(table.name);
  for (const WidedeepColumns::Table& table : columns.others) tables.push_back(table.name);
  return dense_inputs(conversion, tables);
}

// One dense_layer_N: [norm, dropout, linear, activation] or, with linear_first, [linear, activation, norm, dropout]
// (models/tabular/mlp/_layers.py:7). A norm behind the activation belongs to the next layer's input.
void add_dense_layer(const Checkpoint& checkpoint, const std::string& prefix, std::string& input_norm,
                     std::vector<TorchLayer>& layers) {
  std::string norm_behind;
  bool has_linear = false;
  for (const std::string& module : sequential_modules(checkpoint, prefix)) {
    const Tensor* weight = checkpoint.find(module + ".weight");
    if (checkpoint.find(module + ".running_mean")) {
      (has_linear ? norm_behind : input_norm) = module;
    } else if (weight && weight->shape.size() == 2) {
      std::uint64_t number = 0;
      std::from_chars(module.data() + prefix.size() + 1, module.data() + module.size(), number);
      layers.push_back({input_norm, module, "", prefix + "." + std::to_string(number + 1)});
      has_linear = true;
    }
  }
  if (has_linear) input_norm = norm_behind;
}

}  // namespace

std::string widedeep_prefix(const Checkpoint& checkpoint) {
  for (const std::string prefix : {"deeptabular.0.", "deeptabular."}) {
    if (checkpoint.find(prefix + kItems) && checkpoint.find(prefix + "attention.linear_in.weight")) return prefix;
  }
  return "";
}

WidedeepColumns widedeep_columns(Conversion& conversion) {
  const Checkpoint& checkpoint = conversion.checkpoint;
  WidedeepColumns columns;
  columns.net = widedeep_prefix(checkpoint);
  if (checkpoint.find(columns.net + "action_embed.cat_embed.embed.weight")) {
    throw Error(checkpoint.path,
                "has an action sequence (action_seq_config), whose values multiply the behaviours' vectors; that is no "
                "part of a .dinghy file");
  }
  const std::string* item = find_fact(checkpoint, columns.net + "target_item_col");
  columns.item = item ? *item : "target_item";
  columns.sums = tables_of(checkpoint, columns.net + "other_seq_cols_embed.", ".cat_embed.embed.weight");
  columns.others = tables_of(checkpoint, columns.net + "other_col_embed.cat_embed.embed_layers.emb_layer_", ".weight");
  order_tables(conversion, columns);
  columns.dense = dense_columns(conversion, columns);
  const Json behaviours = fact_as_json(checkpoint, columns.net + "user_behavior_indexes");
  columns.max_length = behaviours.is_array() ? static_cast<std::uint32_t>(behaviours.size()) : 0;
  return columns;
}

std::vector<TorchLayer> widedeep_tower(const Checkpoint& checkpoint, const std::string& net) {
  std::vector<TorchLayer> layers;
  std::string input_norm;
  const bool has_deephead = net == "deeptabular.";
  const auto add_mlp = [&](const std::string& mlp) {
    for (std::size_t i = 0; checkpoint.tensors.size() > i; ++i) {
      const std::string prefix = mlp + ".mlp.dense_layer_" + std::to_string(i);
      const std::size_t before = layers.size();
      add_dense_layer(checkpoint, prefix, input_norm, layers);
      if (layers.size() == before) return;
    }
  };
  add_mlp(net + "mlp");
  if (has_deephead) add_mlp("deephead.0");
  layers.push_back({input_norm, has_deephead ? "deephead.1" : "deeptabular.1", "", ""});
  return layers;
}

}  // namespace dinghy::converter
