#include "converter/readers/tensorflow/bundle_entry.h"

#include <span>

#include "converter/error.h"
#include "converter/readers/storage.h"

namespace dinghy::converter {
namespace {

constexpr std::uint64_t kMaxShards = 99999;  // the file names have five digits

ProtobufMessage parse(const std::string& message, const std::string& where) {
  const auto bytes = std::as_bytes(std::span(message));
  return {std::make_shared<BufferStorage>(std::vector<std::byte>(bytes.begin(), bytes.end())), where};
}

// proto3 leaves zeros out: what is not there is 0.
std::int64_t read_extent(ProtobufMessage dimension) {
  std::int64_t extent = 0;
  while (dimension.next()) {
    if (dimension.field() == 1) extent = static_cast<std::int64_t>(dimension.varint());
  }
  return extent;
}

SliceExtent read_slice_extent(ProtobufMessage message) {
  SliceExtent extent;
  while (message.next()) {
    if (message.field() == 1) extent.start = static_cast<std::int64_t>(message.varint());
    if (message.field() == 2) extent.length = static_cast<std::int64_t>(message.varint());
  }
  return extent;
}

std::vector<SliceExtent> read_slice(ProtobufMessage message) {
  std::vector<SliceExtent> slice;
  while (message.next()) {
    if (message.field() == 1) slice.push_back(read_slice_extent(message.message()));
  }
  return slice;
}

}  // namespace

std::optional<DType> bundle_dtype(std::uint64_t dtype) {
  switch (dtype) {  // tensorflow/core/framework/types.proto
    case 1:
      return DType::f32;
    case 2:
      return DType::f64;
    case 3:
      return DType::i32;
    case 4:
      return DType::u8;
    case 5:
      return DType::i16;
    case 6:
      return DType::i8;
    case 9:
      return DType::i64;
    case 10:
      return DType::boolean;
    case 14:
      return DType::bf16;
    case 19:
      return DType::f16;
    default:
      return std::nullopt;
  }
}

std::vector<std::int64_t> read_tensor_shape(ProtobufMessage message) {
  std::vector<std::int64_t> shape;
  while (message.next()) {
    if (message.field() == 2) shape.push_back(read_extent(message.message()));
    if (message.field() == 3 && message.varint() != 0) message.fail("holds a tensor without a known shape");
  }
  return shape;
}

BundleEntry read_bundle_entry(const std::string& message, const std::string& where) {
  BundleEntry entry;
  for (ProtobufMessage fields = parse(message, where); fields.next();) {
    switch (fields.field()) {
      case 1:
        entry.dtype = fields.varint();
        break;
      case 2:
        entry.shape = read_tensor_shape(fields.message());
        break;
      case 3:
        entry.shard = fields.varint();
        break;
      case 4:
        entry.offset = fields.varint();
        break;
      case 5:
        entry.size = fields.varint();
        break;
      case 6:
        entry.checksum = fields.fixed32();
        break;
      case 7:
        entry.slices.push_back(read_slice(fields.message()));
        break;
      default:
        break;
    }
  }
  return entry;
}

std::uint64_t read_bundle_header(const std::string& message, const std::string& where) {
  std::uint64_t shards = 0, endianness = 0;
  for (ProtobufMessage fields = parse(message, where); fields.next();) {
    if (fields.field() == 1) shards = fields.varint();
    if (fields.field() == 2) endianness = fields.varint();
  }
  if (endianness != 0) throw Error(where, "is of a big-endian machine; load and save it on a little-endian one");
  if (shards < 1 || shards > kMaxShards) throw Error(where, "has an impossible number of .data files: damaged");
  return shards;
}

}  // namespace dinghy::converter
