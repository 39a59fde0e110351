#include "converter/readers/tensorflow/meta_graph.h"

#include <filesystem>
#include <optional>

#include "converter/readers/protobuf/message.h"
#include "converter/readers/storage.h"
#include "converter/readers/tensor_bounds.h"
#include "converter/readers/tensorflow/bundle_entry.h"

namespace dinghy::converter {
namespace {

/// TensorProto, tensorflow/core/framework/tensor.proto. Nothing for other types, other shapes and short lists, whose
/// numbers stand elsewhere in the message.
std::optional<Tensor> read_list(ProtobufMessage message, const std::shared_ptr<const Storage>& file,
                                const std::string& where) {
  Tensor tensor;
  std::optional<DType> dtype;
  while (message.next()) {
    if (message.field() == 1) dtype = bundle_dtype(message.varint());
    if (message.field() == 2) tensor.shape = read_tensor_shape(message.message());
    if (message.field() == 4) {
      tensor.storage = std::make_shared<SliceStorage>(file, message.bytes().offset, message.bytes().size);
    }
  }
  if (dtype != DType::i32 && dtype != DType::i64) return std::nullopt;
  if (tensor.shape.size() != 1 || !tensor.storage || tensor.storage->size() == 0) return std::nullopt;
  tensor.dtype = *dtype;
  tensor.strides = dense_strides(tensor.shape, false, where);
  check_bounds(tensor, where);
  return tensor;
}

/// The field `value` of an entry of NodeDef.attr, a map from names to AttrValue.
std::optional<Tensor> read_attribute(ProtobufMessage entry, const std::shared_ptr<const Storage>& file,
                                     const std::string& where) {
  std::optional<Tensor> tensor;
  while (entry.next()) {
    if (entry.field() != 2) continue;
    for (ProtobufMessage value = entry.message(); value.next();) {
      if (value.field() == 8) tensor = read_list(value.message(), file, where);
    }
  }
  return tensor;
}

std::optional<Tensor> read_node(ProtobufMessage node, const std::shared_ptr<const Storage>& file,
                                const std::string& where) {
  std::string name, operation;
  std::optional<Tensor> tensor;
  while (node.next()) {
    if (node.field() == 1) name = node.text();
    if (node.field() == 2) operation = node.text();
    if (node.field() != 5 || operation != "Const") continue;  // protobuf writes fields by number
    if (std::optional<Tensor> found = read_attribute(node.message(), file, where)) tensor = std::move(found);
  }
  if (tensor) tensor->name = name;
  return tensor;
}

}  // namespace

std::vector<Tensor> read_meta_constants(const std::string& path) {
  std::vector<Tensor> constants;
  if (!std::filesystem::is_regular_file(path)) return constants;
  const auto file = std::make_shared<FileStorage>(path);
  for (ProtobufMessage meta(file, path); meta.next();) {
    if (meta.field() != 2) continue;
    for (ProtobufMessage graph = meta.message(); graph.next();) {
      if (graph.field() != 1) continue;
      if (std::optional<Tensor> constant = read_node(graph.message(), file, path)) {
        constants.push_back(std::move(*constant));
      }
    }
  }
  return constants;
}

}  // namespace dinghy::converter
