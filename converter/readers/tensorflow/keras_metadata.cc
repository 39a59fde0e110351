#include "converter/readers/tensorflow/keras_metadata.h"

#include <memory>

#include "converter/readers/protobuf/message.h"
#include "converter/readers/storage.h"

namespace dinghy::converter {

// SavedMetadata.nodes, keras/protobuf/saved_metadata.proto: node_path = 3, metadata = 5.
std::optional<std::string> read_keras_metadata(const std::string& path) {
  ProtobufMessage nodes(std::make_shared<FileStorage>(path), path);
  while (nodes.next()) {
    if (nodes.field() != 1) continue;
    std::string node, metadata;
    for (ProtobufMessage object = nodes.message(); object.next();) {
      if (object.field() == 3) node = object.text();
      if (object.field() == 5 && node == "root") metadata = object.text();
    }
    if (node == "root") return metadata;
  }
  return std::nullopt;
}

}  // namespace dinghy::converter
