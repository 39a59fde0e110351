#include "converter/presets/codes/librecommender_columns.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>

#include "converter/error.h"
#include "converter/presets/codes/librecommender_files.h"
#include "converter/text/json_depth.h"

namespace dinghy::converter {
namespace {

using Json = nlohmann::json;

using Column = LibRecommenderColumns::Column;

// {"sparse_col": {"category": 0}, "item_sparse_col": {"category": 0}}: names with their places; likewise "dense_col".
std::vector<Column> named_columns(const Document& document, const std::string& kind) {
  check_json_depth(document.text, document.source);
  const Json root = Json::parse(document.text, nullptr, false);
  if (!root.is_object()) throw Error(document.source, "is no JSON object; the package writes one");
  std::map<std::int64_t, std::string> by_place;
  const Json places = root.value(kind, Json::object());
  for (const auto& [name, place] : places.items()) {
    if (place.is_number_integer()) by_place[place] = name;
  }
  const Json of_item = root.value("item_" + kind, Json::object());
  std::vector<Column> columns;
  for (const auto& [place, name] : by_place) columns.push_back({name, of_item.contains(name)});
  return columns;
}

std::int64_t of_item(const std::vector<Column>& columns) { return std::ranges::count(columns, true, &Column::of_item); }

// As many as the checkpoint has, with the names of their places.
std::vector<Column> numbered_columns(const std::string& kind, std::int64_t count, bool of_item) {
  std::vector<Column> columns;
  for (std::int64_t i = 0; i < std::min<std::int64_t>(count, 1024); ++i) {
    columns.push_back({kind + "_" + std::to_string(i), of_item});
  }
  return columns;
}

std::string counted(std::int64_t sparse, std::int64_t dense, std::int64_t items_own) {
  return std::to_string(sparse) + " sparse" + (dense > 0 ? " and " + std::to_string(dense) + " dense" : "") +
         " features, " + std::to_string(items_own) + " of the item";
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
  columns.dense_table = "embedding/dense_embeds_var" + ending;
  const Tensor* items = checkpoint.find(columns.items);
  const std::int64_t width = items && items->shape.size() == 2 ? std::max<std::int64_t>(items->shape[1], 1) : 1;
  const std::int64_t tower = rows_of(checkpoint, "mlp/mlp_layer1/kernel" + ending);
  const std::int64_t dense = rows_of(checkpoint, columns.dense_table);
  const std::int64_t unit = rows_of(checkpoint, "attention/attention_layer1/kernel" + ending);
  // The tower takes [user, item, features, key], and a key is [item, its features].
  const std::int64_t both = tower / width - 3;
  std::optional<std::int64_t> items_own;  // a dot product has no tensor as wide as a key
  if (unit > 0 || both == 0) items_own = unit > 0 ? unit / 4 / width - 1 : 0;
  if (const Document* names = librecommender_file(checkpoint, kLibRecommenderNames)) {
    columns.sparse = named_columns(*names, "sparse_col");
    columns.dense = named_columns(*names, "dense_col");
    columns.certainty = Certainty::companion;
    const auto named_sparse = static_cast<std::int64_t>(columns.sparse.size());
    const auto named_dense = static_cast<std::int64_t>(columns.dense.size());
    const std::int64_t named_of_item = of_item(columns.sparse) + of_item(columns.dense);
    const std::int64_t own = items_own.value_or(named_of_item), sparse = both - own - dense;
    if (named_sparse == sparse && named_dense == dense && named_of_item == own) return columns;
    throw Error(names->source, "names " + std::to_string(named_sparse) + " sparse and " + std::to_string(named_dense) +
                                   " dense features, " + std::to_string(named_of_item) +
                                   " of the item; the checkpoint has " + counted(sparse, dense, own));
  }
  const std::string way_out = std::string("; give the package's MODEL") + kLibRecommenderNames + " with --companion";
  if (!items_own) {
    throw Error(
        checkpoint.path,
        "has features of items or users, and with a dot product no tensor tells which the item's are" + way_out);
  }
  const std::int64_t sparse = both - *items_own - dense;
  if (*items_own != sparse + dense && *items_own != 0) {
    throw Error(checkpoint.path, "has " + counted(sparse, dense, *items_own) + ", and no tensor tells which" + way_out);
  }
  columns.sparse = numbered_columns("sparse", sparse, *items_own > 0);
  columns.dense = numbered_columns("dense", dense, *items_own > 0);
  return columns;
}

}  // namespace dinghy::converter
