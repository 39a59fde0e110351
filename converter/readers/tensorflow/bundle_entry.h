// What the .index of a TensorFlow checkpoint says of a tensor: the messages of
// tensorflow/core/protobuf/tensor_bundle.proto.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "converter/readers/protobuf/message.h"
#include "converter/readers/tensorflow/slice_key.h"
#include "converter/tensor.h"

namespace dinghy::converter {

struct BundleEntry {
  std::uint64_t dtype = 0;
  std::vector<std::int64_t> shape;
  std::uint64_t shard = 0, offset = 0, size = 0;
  std::uint32_t checksum = 0;                    // masked
  std::vector<std::vector<SliceExtent>> slices;  // of a partitioned variable, whose bytes lie with the parts
};

/// Nothing for types that no network is made of.
std::optional<DType> bundle_dtype(std::uint64_t dtype);

/// TensorShapeProto, tensorflow/core/framework/tensor_shape.proto.
std::vector<std::int64_t> read_tensor_shape(ProtobufMessage message);

/// Throws Error at `where` for a damaged message.
BundleEntry read_bundle_entry(const std::string& message, const std::string& where);

/// The number of .data files, from the entry with the empty name. Throws Error for a big-endian checkpoint.
std::uint64_t read_bundle_header(const std::string& message, const std::string& where);

}  // namespace dinghy::converter
