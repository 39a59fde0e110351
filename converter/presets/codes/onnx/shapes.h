// Arithmetic of shapes, the same for numbers and expressions.
#pragma once

#include "converter/presets/codes/onnx/node_reader.h"

namespace dinghy::converter {

Extents row_strides(const Extents& shape);
/// Elements at `offset` + strides, row-major.
NumberArray strided(const NumberArray& array, const Extents& shape, const Extents& strides, std::int64_t offset);
/// Repeated along what it has only one of; `shape` comes from broadcast_shape().
NumberArray broadcast(const NumberArray& array, const Extents& shape);
/// Throws Error when the two do not go together.
Extents broadcast_shape(const NodeReader& reader, const Extents& a, const Extents& b);

/// The order of dimensions after a Transpose.
std::vector<std::size_t> transposition(NodeReader& reader, std::size_t rank);
/// The shape after Reshape, Flatten, Squeeze or Unsqueeze.
Extents new_shape(NodeReader& reader, const Extents& shape);

/// What a Slice leaves of a dimension.
struct Cut {
  std::size_t dimension;
  std::int64_t begin, count, step;
};
std::vector<Cut> cuts_of(NodeReader& reader, const Extents& shape);

}  // namespace dinghy::converter
