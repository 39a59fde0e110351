#include "converter/readers/tensorflow/object_graph.h"

#include "converter/error.h"
#include "converter/readers/protobuf/message.h"
#include "converter/readers/storage.h"
#include "converter/readers/tensorflow/block_reader.h"

namespace dinghy::converter {
namespace {

constexpr std::uint64_t kLongestPrefix = 14;  // a length of up to ten bytes and its checksum

using Names = std::map<std::string, std::string>;

/// The one element of a string tensor: its length, a checksum of that, its bytes.
std::shared_ptr<const Storage> element_of(std::shared_ptr<const Storage> stored, const std::string& where) {
  const std::vector<std::byte> head = read_head(*stored, kLongestPrefix);
  const std::uint64_t size = BlockReader({reinterpret_cast<const char*>(head.data()), head.size()}, where).varint();
  if (size > stored->size() || stored->size() - size > kLongestPrefix)
    throw Error(where, "has a wrong length: damaged");
  const std::uint64_t begin = stored->size() - size;
  return std::make_shared<SliceStorage>(std::move(stored), begin, size);
}

/// TrackableObjectGraph.TrackableObject.SerializedTensor, tensorflow/core/protobuf/trackable_object_graph.proto.
void read_attribute(ProtobufMessage attribute, Names& names) {
  std::string full_name, key;
  while (attribute.next()) {
    if (attribute.field() == 2) full_name = attribute.text();
    if (attribute.field() == 3) key = attribute.text();
  }
  if (!full_name.empty()) names.emplace(std::move(key), std::move(full_name));
}

}  // namespace

Names read_object_graph(std::shared_ptr<const Storage> stored, const std::string& where) {
  Names names;
  ProtobufMessage graph(element_of(std::move(stored), where), where);
  while (graph.next()) {
    if (graph.field() != 1) continue;
    for (ProtobufMessage object = graph.message(); object.next();) {
      if (object.field() == 2) read_attribute(object.message(), names);
    }
  }
  return names;
}

}  // namespace dinghy::converter
