#include "converter/readers/keras/h5_answer.h"

#include <nlohmann/json.hpp>

#include "converter/error.h"
#include "converter/readers/keras/h5_file.h"
#include "converter/readers/keras/named_weights.h"
#include "converter/readers/keras/numbered_weights.h"

namespace dinghy::converter {
namespace {

using Json = nlohmann::json;

std::optional<std::string> config_in(const H5File& file) {
  const auto config = file.texts("", "model_config");
  return config && config->size() == 1 ? std::optional(config->front()) : std::nullopt;
}

Json json_of(const std::vector<H5Dataset>& datasets) {
  Json list = Json::array();
  for (const H5Dataset& dataset : datasets) {
    list.push_back({dataset.path, dataset.name, static_cast<int>(dataset.dtype), dataset.shape,
                    dataset.offset ? Json(*dataset.offset) : Json()});
  }
  return list;
}

std::string describe(const H5File& file, const LayerNames& names) {
  Json found;
  if (const auto config = config_in(file)) found["model_config"] = *config;
  if (const auto group = find_named_weights(file)) {
    found["format"] = found.contains("model_config") ? "keras h5 model" : "keras h5 weights";
    found["datasets"] = json_of(read_named_weights(file, *group));
  } else if (holds_numbered_weights(file)) {
    found["format"] = "keras 3 weights";
    found["datasets"] = json_of(read_numbered_weights(file, names));
  } else {
    throw Error(file.place(""), "is an HDF5 file without weights as Keras writes them (no layer_names, no layers)");
  }
  std::string bytes;
  Json::to_cbor(found, bytes);
  return bytes;
}

std::string rows_of(const H5File& file, const H5Rows& rows) {
  const H5Dataset dataset = file.dataset(rows.path);
  std::uint64_t row_size = size_of(dataset.dtype);
  for (std::size_t d = 1; d < dataset.shape.size(); ++d) row_size *= static_cast<std::uint64_t>(dataset.shape[d]);
  std::string bytes(rows.count * row_size, '\0');
  file.read_rows(rows.path, rows.first, rows.count, std::as_writable_bytes(std::span(bytes)));
  return bytes;
}

}  // namespace

std::string answer(const H5Question& question, const Storage& storage) {
  const H5File file(storage, question.where);
  return question.rows ? rows_of(file, *question.rows) : describe(file, question.names);
}

}  // namespace dinghy::converter
