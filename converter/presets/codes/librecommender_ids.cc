#include "converter/presets/codes/librecommender_ids.h"

#include <nlohmann/json.hpp>

#include "converter/error.h"
#include "converter/presets/codes/librecommender_files.h"
#include "converter/text/quotes.h"

namespace dinghy::converter {
namespace {

using Json = nlohmann::json;

std::optional<Json> list_of(const Checkpoint& checkpoint, const std::string& name) {
  const Document* document = librecommender_file(checkpoint, kLibRecommenderData + ": " + name);
  return document ? std::optional(Json::parse(document->text)) : std::nullopt;
}

LibRecommenderIds::Rows rows_of(const Json& values) {
  LibRecommenderIds::Rows rows;
  for (const Json& value : values) {
    rows.emplace_back(value.is_string() ? value.get<std::string>() : value.dump(), rows.size());
  }
  return rows;
}

// data/data_info.py: a feature's values have the rows from its offset on, its sparse_oov is the row behind them.
LibRecommenderIds::Sparse sparse_of(const Json& offsets, const Json& unknown, std::size_t place, const Json& values,
                                    const std::string& where) {
  if (!offsets.is_array() || !unknown.is_array() || place >= offsets.size() || place >= unknown.size()) {
    throw Error(where, "has no sparse_offset and sparse_oov for it");
  }
  LibRecommenderIds::Sparse sparse;
  sparse.first_row = offsets[place].get<std::int64_t>();
  sparse.rows = unknown[place].get<std::int64_t>() - sparse.first_row + 1;
  sparse.values = rows_of(values);
  return sparse;
}

}  // namespace

std::optional<LibRecommenderIds> librecommender_ids(const Checkpoint& checkpoint,
                                                    const std::vector<std::string>& sparse, std::int64_t rows) {
  const std::optional<Json> users = list_of(checkpoint, "user_unique_vals"),
                            items = list_of(checkpoint, "item_unique_vals");
  if (!users || !items) return std::nullopt;
  LibRecommenderIds ids{rows_of(*users), rows_of(*items), {}};
  const Json none = Json::array();
  const Json offsets = list_of(checkpoint, "sparse_offset").value_or(none),
             unknown = list_of(checkpoint, "sparse_oov").value_or(none);
  for (std::size_t i = 0; i < sparse.size(); ++i) {
    const std::string where = checkpoint.path + ": its data_info: " + in_quotes(sparse[i]);
    const std::optional<Json> values = list_of(checkpoint, "unique_" + sparse[i]);
    if (!values) return std::nullopt;
    const LibRecommenderIds::Sparse& one = ids.sparse[sparse[i]] = sparse_of(offsets, unknown, i, *values, where);
    const bool inside = one.first_row >= 0 && one.rows > 0 && one.first_row <= rows - one.rows;
    if (!inside || one.values.size() + 1 != static_cast<std::size_t>(one.rows)) {
      throw Error(where, "has " + std::to_string(one.values.size()) + " values for rows " +
                             std::to_string(one.first_row) + " to " + std::to_string(one.first_row + one.rows - 1) +
                             " of a table of " + std::to_string(rows) +
                             "; give the file that was saved with the model");
    }
  }
  return ids;
}

std::optional<std::vector<double>> librecommender_means(const Checkpoint& checkpoint, std::size_t count) {
  const std::optional<Json> means = list_of(checkpoint, "item_dense_unique");
  if (!means) return std::nullopt;
  if (means->size() != count) {
    throw Error(checkpoint.path + ": its data_info: item_dense_unique",
                "has " + std::to_string(means->size()) + " numbers of an item, the checkpoint has " +
                    std::to_string(count) + "; give the file that was saved with the model");
  }
  return means->get<std::vector<double>>();
}

}  // namespace dinghy::converter
