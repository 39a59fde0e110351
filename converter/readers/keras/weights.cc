#include "converter/readers/keras/weights.h"

#include <nlohmann/json.hpp>

#include "converter/error.h"
#include "converter/readers/keras/h5_process.h"
#include "converter/readers/keras/packed_storage.h"
#include "converter/readers/storage.h"
#include "converter/readers/tensor_bounds.h"

namespace dinghy::converter {
namespace {

using Json = nlohmann::json;

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
  const std::string bytes = ask_h5_process({where, names, std::nullopt}, *file);
  const Json found = Json::from_cbor(bytes, true, false);
  if (!found.is_object()) throw Error(where, "cannot be described; the file is damaged");
  KerasWeights weights{found.at("format"), std::nullopt, {}};
  if (found.contains("model_config")) weights.model_config = found["model_config"].get<std::string>();
  for (const Json& dataset : found.at("datasets")) weights.tensors.push_back(tensor_of(dataset, file, where));
  return weights;
}

}  // namespace dinghy::converter
