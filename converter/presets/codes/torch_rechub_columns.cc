#include "converter/presets/codes/torch_rechub_columns.h"

#include <algorithm>

#include "converter/error.h"
#include "converter/presets/features.h"
#include "converter/presets/inputs.h"
#include "converter/text/quotes.h"
#include "converter/text/suggestion.h"

namespace dinghy::converter {
namespace {

using Names = std::vector<std::string>;

const std::string kTables = "embedding.embed_dict.";
const std::string kWeight = ".weight";
const std::string kHistory = "hist_";  // as in the package's examples

Names table_names(Conversion& conversion) {
  return network_order(conversion, names_between(conversion.checkpoint, kTables, kWeight));
}

std::size_t count_attention_layers(const Checkpoint& checkpoint) {
  std::size_t count = 0;
  while (checkpoint.find("attention_layers." + std::to_string(count) + ".attention.mlp.0.weight")) ++count;
  return count;
}

bool contains(const Names& names, const std::string& name) { return std::ranges::find(names, name) != names.end(); }

Names without(const Names& names, const Names& left_out) {
  Names rest;
  std::ranges::copy_if(names, std::back_inserter(rest), [&](const auto& name) { return !contains(left_out, name); });
  return rest;
}

Names first_of(const Names& names, std::size_t count) {
  return {names.begin(), names.begin() + static_cast<std::ptrdiff_t>(std::min(count, names.size()))};
}

std::int64_t width_of_tables(const Checkpoint& checkpoint, const Names& names) {
  std::int64_t width = 0;
  for (const std::string& name : names) {
    const Tensor* table = checkpoint.find(torch_rechub_table(name));
    width += table && table->shape.size() == 2 ? table->shape[1] : 0;
  }
  return width;
}

std::int64_t tower_inputs(const Checkpoint& checkpoint) {
  const Tensor* weight = checkpoint.find("mlp.mlp.0.weight");
  return weight && weight->shape.size() == 2 ? weight->shape[1] : 0;
}

// embed_dict has the tables in the order features, histories, targets, each where it comes first.
TorchRechubColumns with_own_histories(const Names& tables, const Names& histories) {
  const auto first = std::ranges::find(tables, histories.front());
  const auto last = std::ranges::find(tables, histories.back());
  TorchRechubColumns columns{{tables.begin(), first}, {last + 1, tables.end()}, histories};
  // models/ranking/din.py is often given the same list twice, and then the second adds no table.
  if (columns.targets.empty()) columns.targets = columns.features;
  return columns;
}

// The histories read the targets' tables (shared_with). Of the ways to divide the tables the tower's width leaves one.
std::optional<TorchRechubColumns> with_shared_tables(const Conversion& conversion, const Names& tables,
                                                     std::size_t histories) {
  const Checkpoint& checkpoint = conversion.checkpoint;
  const auto& named = conversion.recipe.inputs.history;
  const Names last = {tables.end() - static_cast<std::ptrdiff_t>(histories), tables.end()};
  const Names first = first_of(tables, histories);
  const Names targets = named.value_or(last);
  std::vector<TorchRechubColumns> ways = {{without(tables, targets), targets, targets}};
  if (named) ways.push_back({tables, targets, targets});
  if (!named || *named == first) ways.push_back({tables, tables, first});
  for (TorchRechubColumns& way : ways) {
    const std::int64_t width = width_of_tables(checkpoint, way.histories) + width_of_tables(checkpoint, way.targets) +
                               width_of_tables(checkpoint, way.features);
    if (width == tower_inputs(checkpoint)) return way;
  }
  return {};
}

}  // namespace

Names TorchRechubColumns::distinct() const {
  Names names = features;
  for (const std::string& target : targets) {
    if (!contains(names, target)) names.push_back(target);
  }
  return names;
}

std::string torch_rechub_table(const std::string& name) { return kTables + name + kWeight; }

TorchRechubColumns torch_rechub_columns(Conversion& conversion) {
  const Names tables = table_names(conversion);
  const std::size_t count = count_attention_layers(conversion.checkpoint);
  const auto& named = conversion.recipe.inputs.history;
  for (const std::string& name : named.value_or(Names{})) {
    if (contains(tables, name)) continue;
    throw Error(conversion.recipe.where(),
                "[inputs] history names " + in_quotes(name) + ", but the tables are " + listed(tables));
  }
  if (count == 0 || tables.size() < count || (named && named->size() != count)) {
    throw Error(conversion.checkpoint.path, "has " + std::to_string(count) + " attention layers and " +
                                                std::to_string(tables.size()) +
                                                " tables; every history needs one of each");
  }
  Names own;
  std::ranges::copy_if(tables, std::back_inserter(own), [](const auto& name) { return name.starts_with(kHistory); });
  std::optional<TorchRechubColumns> columns;
  if (own.empty()) columns = with_shared_tables(conversion, tables, count);
  if (own.empty() && columns) columns->shared = true;
  if (own.size() == count) columns = with_own_histories(tables, own);
  if (!columns || columns->targets.size() < count || (named && first_of(columns->targets, count) != *named)) {
    throw Error(
        conversion.checkpoint.path,
        "its tables " + listed(tables) + " do not tell which " + std::to_string(count) +
            " features the histories belong to; name them in their order as [inputs] history = […] of a recipe, "
            "or use preset = \"generic\"");
  }
  if (named) columns->certainty = Certainty::recipe;
  return *columns;
}

}  // namespace dinghy::converter
