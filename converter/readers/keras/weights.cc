#include "converter/readers/keras/weights.h"

#include <nlohmann/json.hpp>

#include "converter/error.h"
#include "converter/readers/keras/isolated.h"
#include "converter/readers/keras/named_weights.h"
#include "converter/readers/keras/numbered_weights.h"
#include "converter/readers/keras/packed_storage.h"
#include "converter/readers/storage.h"
#include "converter/readers/tensor_bounds.h"

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

// What is known of the file, as bytes that pass from one process to the other.
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
  const std::vector<std::uint8_t> bytes = Json::to_cbor(found);
  return {bytes.begin(), bytes.end()};
}

Tensor tensor_of(const Json& found, const std::shared_ptr<const Storage>& file, const std::string& where) {
  H5Dataset dataset{found.at(0), found.at(1), static_cast<DType>(found.at(2).get<int>()), found.at(3), std::nullopt};
  if (!found.at(4).is_null()) dataset.offset = found.at(4).get<std::uint64_t>();
  Tensor tensor;
  tensor.name = dataset.name;
  tensor.dtype = dataset.dtype;
  tensor.shape = dataset.shape;
  tensor.strides = dense_strides(dataset.shape, false, where);
  if (dataset.offset) {
    tensor.storage = std::make_shared<SliceStorage>(file, *dataset.offset, tensor.numel() * size_of(tensor.dtype));
  } else {
    tensor.storage = packed_storage(file, dataset, where);
  }
  check_bounds(tensor, where);
  return tensor;
}

}  // namespace

KerasWeights read_weights(std::shared_ptr<const Storage> file, const std::string& where, const LayerNames& names) {
  const std::string bytes = run_isolated([&] { return describe(H5File(*file, where), names); }, where);
  const Json found = Json::from_cbor(bytes, true, false);
  if (!found.is_object()) throw Error(where, "cannot be described; the file is damaged");
  KerasWeights weights{found.at("format"), std::nullopt, {}};
  if (found.contains("model_config")) weights.model_config = found["model_config"].get<std::string>();
  for (const Json& dataset : found.at("datasets")) weights.tensors.push_back(tensor_of(dataset, file, where));
  return weights;
}

}  // namespace dinghy::converter
