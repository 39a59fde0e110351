#include "converter/presets/codes/torch_easyrec_tables.h"

#include <algorithm>

#include "converter/error.h"
#include "converter/presets/inputs.h"
#include "converter/text/quotes.h"

namespace dinghy::converter {
namespace {

constexpr std::string_view kWeight = ".weight";
constexpr std::string_view kTableSuffix = "_emb";  // of an embedding without embedding_name (features/feature.py:615)
constexpr std::string_view kSequence = "__";       // "click_50_seq__adgroup_id" (features/feature.py:426,472)

// "…GROUPS….KIND.adgroup_id_emb.weight" -> adgroup_id, for all tensors of these groups, in the file's order.
std::vector<TorchEasyRecTable> tables_of(const Checkpoint& checkpoint, const std::string& groups,
                                         const std::string& kind) {
  std::vector<TorchEasyRecTable> tables;
  for (const Tensor& tensor : checkpoint.tensors) {
    if (!tensor.name.starts_with(groups)) continue;
    const std::size_t place = tensor.name.find(kind, groups.size());
    if (place == std::string::npos || !tensor.name.ends_with(kWeight) || tensor.name.find("mc_") != std::string::npos) {
      throw Error(checkpoint.path, "the embedding " + in_quotes(tensor.name) +
                                       " is of a kind that is not known here; plain embeddings of ids are");
    }
    std::string name = tensor.name.substr(place + kind.size());
    name.resize(name.size() - kWeight.size());
    if (name.ends_with(kTableSuffix)) name.resize(name.size() - kTableSuffix.size());
    tables.push_back({name, tensor.name});
  }
  return tables;
}

std::string field_of(const std::string& feature) {
  const std::size_t place = feature.find(kSequence);
  return place == std::string::npos ? feature : feature.substr(place + kSequence.size());
}

bool is_behaviour(const TorchEasyRecTable& table) { return table.feature.find(kSequence) != std::string::npos; }

// Trap 22: in a file that sorts by name only the recipe can tell the order in which the tower and the attention take
// the features.
void restore_order(const Conversion& conversion, TorchEasyRecTables& tables) {
  const InputsRecipe& inputs = conversion.recipe.inputs;
  const std::vector<std::string> tower = named_inputs(inputs);
  if (is_sorted_by_name(conversion.checkpoint) && (tower.empty() || !inputs.history)) {
    throw Error(
        conversion.checkpoint.path,
        "sorts its tensors by name, so the order of the features is lost; list them in [inputs] user, candidate "
        "and history of a recipe as pipeline.config does, or convert the folder of the training");
  }
  const auto place_in = [](const std::vector<std::string>& names, const std::string& name) {
    return std::ranges::find(names, name) - names.begin();
  };
  std::ranges::stable_sort(tables.tower, {}, [&](const auto& table) { return place_in(tower, table.feature); });
  const std::vector<std::string> history = inputs.history.value_or(std::vector<std::string>{});
  std::ranges::stable_sort(tables.fields, {},
                           [&](const auto& field) { return place_in(history, field.query.feature); });
}

}  // namespace

TorchEasyRecTables torch_easyrec_tables(const Conversion& conversion) {
  const Checkpoint& checkpoint = conversion.checkpoint;
  TorchEasyRecTables tables;
  tables.tower = tables_of(checkpoint, "embedding_group.emb_impls.", ".embedding_bags.");
  std::vector<TorchEasyRecTable> keys;
  for (const TorchEasyRecTable& table : tables_of(checkpoint, "embedding_group.seq_emb_impls.", ".embeddings.")) {
    if (is_behaviour(table)) {
      keys.push_back(table);
    } else {
      tables.fields.push_back({table, {"hist_" + table.feature, table.tensor}});
    }
  }
  for (const TorchEasyRecTable& key : keys) {
    const auto field = std::ranges::find_if(
        tables.fields, [&](const auto& candidate) { return candidate.query.feature == field_of(key.feature); });
    if (field == tables.fields.end()) {
      throw Error(checkpoint.path, "the behaviours have " + in_quotes(key.feature) +
                                       ", but no table has what it is compared with; describe the network in a "
                                       "recipe with preset = \"generic\"");
    }
    field->key = key;
  }
  restore_order(conversion, tables);
  return tables;
}

}  // namespace dinghy::converter
