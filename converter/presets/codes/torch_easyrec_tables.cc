#include "converter/presets/codes/torch_easyrec_tables.h"

#include <algorithm>

#include "converter/error.h"
#include "converter/presets/inputs.h"
#include "converter/text/quotes.h"

namespace dinghy::converter {
namespace {

const std::string kTowers = "towers.";
const std::string kBags = "embedding_group.emb_impls.", kBag = ".embedding_bags.";
const std::string kSequences = "embedding_group.seq_emb_impls.", kSequenceTable = ".embeddings.";
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
  if (has_lost_order(conversion.checkpoint) && (tower.empty() || !inputs.history)) {
    throw Error(
        conversion.checkpoint.path,
        "sorts its tensors by name, so the order of the features is lost; put the training's pipeline.config beside it "
        "or give it with --companion, or list the features in [inputs] user, candidate and history of a recipe as it "
        "does");
  }
  const auto place_in = [](const std::vector<std::string>& names, const std::string& name) {
    return std::ranges::find(names, name) - names.begin();
  };
  for (TorchEasyRecTables::Tower& of : tables.towers) {
    std::ranges::stable_sort(of.features, {}, [&](const auto& table) { return place_in(tower, table.feature); });
  }
  const std::vector<std::string> history = inputs.history.value_or(std::vector<std::string>{});
  std::ranges::stable_sort(tables.fields, {},
                           [&](const auto& field) { return place_in(history, field.query.feature); });
}

// The one deep tower that names alone can explain: which features go into which tower they do not tell.
std::vector<std::string> towers_of(const Checkpoint& checkpoint) {
  std::vector<std::string> groups;
  for (const Tensor& tensor : checkpoint.tensors) {
    if (!tensor.name.starts_with(kTowers)) continue;
    const std::string group =
        tensor.name.substr(kTowers.size(), tensor.name.find('.', kTowers.size()) - kTowers.size());
    if (std::ranges::find(groups, group) == groups.end()) groups.push_back(group);
  }
  if (groups.size() < 2) return groups;
  throw Error(checkpoint.path, "has the towers " + groups[0] + " and " + groups[1] +
                                   ", and only the training's pipeline.config says which features go into which; put "
                                   "it beside the checkpoint or give it with --companion pipeline.config");
}

std::string tensor_of(const Checkpoint& checkpoint, const TorchEasyRecConfig& config, const std::string& feature,
                      const std::string& groups, const std::string& kind) {
  const std::string& embedding = config.feature(feature).embedding;
  if (embedding.empty()) return {};
  for (const Tensor& tensor : checkpoint.tensors) {
    if (tensor.name.starts_with(groups) && tensor.name.ends_with(kind + embedding + std::string(kWeight))) {
      return tensor.name;
    }
  }
  throw Error(config.source, "gives " + in_quotes(feature) + " the table " + in_quotes(embedding) +
                                 ", which the checkpoint does not have under " + groups);
}

TorchEasyRecTables tables_by_config(const Checkpoint& checkpoint, const TorchEasyRecConfig& config) {
  TorchEasyRecTables tables;
  for (const TorchEasyRecConfig::Tower& tower : config.towers) {
    tables.towers.push_back({tower.group, {}});
    for (const std::string& feature : tower.features) {
      tables.towers.back().features.push_back({feature, tensor_of(checkpoint, config, feature, kBags, kBag)});
    }
  }
  const auto side = [&](const std::string& feature) -> TorchEasyRecTable {
    return {feature, tensor_of(checkpoint, config, feature, kSequences, kSequenceTable)};
  };
  for (std::size_t i = 0; i < config.din.query.size(); ++i) {
    tables.fields.push_back({side(config.din.query[i]), side(config.din.sequence[i])});
  }
  return tables;
}

}  // namespace

TorchEasyRecTables torch_easyrec_tables(const Conversion& conversion, const TorchEasyRecConfig* config) {
  const Checkpoint& checkpoint = conversion.checkpoint;
  const std::vector<TorchEasyRecTable> bags = tables_of(checkpoint, kBags, kBag),
                                       sequences = tables_of(checkpoint, kSequences, kSequenceTable);
  if (config) return tables_by_config(checkpoint, *config);
  TorchEasyRecTables tables;
  for (const std::string& group : towers_of(checkpoint)) tables.towers.push_back({group, bags});
  std::vector<TorchEasyRecTable> keys;
  for (const TorchEasyRecTable& table : sequences) {
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
