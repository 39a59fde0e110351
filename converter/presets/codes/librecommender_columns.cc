#include "converter/presets/codes/librecommender_columns.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "converter/error.h"
#include "converter/presets/codes/librecommender_files.h"
#include "converter/text/json_depth.h"

namespace dinghy::converter {
namespace {

using Json = nlohmann::json;

// {"sparse_col": {"category": 0}, "item_sparse_col": {"category": 0}}: names with their places.
std::vector<LibRecommenderColumns::Sparse> named_columns(const Document& document) {
  check_json_depth(document.text, document.source);
  const Json root = Json::parse(document.text, nullptr, false);
  if (!root.is_object()) throw Error(document.source, "is no JSON object; the package writes one");
  std::map<std::int64_t, std::string> by_place;
  const Json places = root.value("sparse_col", Json::object());
  for (const auto& [name, place] : places.items()) {
    if (place.is_number_integer()) by_place[place] = name;
  }
  const Json of_item = root.value("item_sparse_col", Json::object());
  std::vector<LibRecommenderColumns::Sparse> columns;
  for (const auto& [place, name] : by_place) columns.push_back({name, of_item.contains(name)});
  return columns;
}

std::int64_t rows_of(const Checkpoint& checkpoint, const std::string& name) {
  const Tensor* tensor = checkpoint.find(name);
  return tensor && tensor->shape.size() == 2 ? tensor->shape[0] : 0;
}

}  // namespace

std::string librecommender_ending(const Checkpoint& checkpoint) {
  return checkpoint.find("embedding/item_embeds_var:0") ? ":0" : "";
}

LibRecommenderColumns librecommender_columns(const Conversion& conversion) {
  const Checkpoint& checkpoint = conversion.checkpoint;
  const std::string ending = librecommender_ending(checkpoint);
  LibRecommenderColumns columns;
  columns.users = "embedding/user_embeds_var" + ending;
  columns.items = "embedding/item_embeds_var" + ending;
  columns.sparse_table = "embedding/sparse_embeds_var" + ending;
  if (checkpoint.find("embedding/dense_embeds_var" + ending)) {
    throw Error(checkpoint.path,
                "has dense features, which this preset does not know; describe the network in a recipe with "
                "preset = \"generic\"");
  }
  const Tensor* items = checkpoint.find(columns.items);
  const std::int64_t width = items && items->shape.size() == 2 ? std::max<std::int64_t>(items->shape[1], 1) : 1;
  const std::int64_t key = rows_of(checkpoint, "attention/attention_layer1/kernel" + ending) / 4;
  const std::int64_t tower = rows_of(checkpoint, "mlp/mlp_layer1/kernel" + ending);
  const std::int64_t of_item = key / width - 1, all = (tower - key) / width - 2;
  if (const Document* names = librecommender_file(checkpoint, kLibRecommenderNames)) {
    columns.sparse = named_columns(*names);
    columns.certainty = Certainty::companion;
    const std::int64_t named_of_item =
        std::ranges::count(columns.sparse, true, &LibRecommenderColumns::Sparse::of_item);
    if (static_cast<std::int64_t>(columns.sparse.size()) == all && named_of_item == of_item) return columns;
    throw Error(names->source, "names " + std::to_string(columns.sparse.size()) + " sparse features, " +
                                   std::to_string(named_of_item) + " of the item; the checkpoint has " +
                                   std::to_string(all) + " and " + std::to_string(of_item));
  }
  if (of_item != all && of_item != 0) {
    throw Error(checkpoint.path, "has " + std::to_string(all) + " sparse features, " + std::to_string(of_item) +
                                     " of the item, and no tensor tells which; give the package's MODEL" +
                                     kLibRecommenderNames + " with --companion");
  }
  for (std::int64_t i = 0; i < std::min<std::int64_t>(all, 1024); ++i) {
    columns.sparse.push_back({"sparse_" + std::to_string(i), of_item > 0});
  }
  return columns;
}

}  // namespace dinghy::converter
