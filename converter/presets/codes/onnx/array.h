// What flows along the edges of a graph: arrays of known numbers, and arrays of expressions.
#pragma once

#include <optional>
#include <variant>

#include "converter/graph.h"
#include "converter/presets/codes/onnx/expression.h"

namespace dinghy::converter {

using Extents = std::vector<std::int64_t>;

/// Known numbers, row-major.
struct NumberArray {
  Extents shape;
  Vector numbers;
  bool integer = false;
};

std::int64_t count_of(const Extents& shape);

/// A factor of a dimension's extent, and what moving along it means.
struct Axis {
  enum class Kind { batch, time, channel };
  Kind kind;
  std::int64_t extent;
  std::int64_t stride = 1;  // channel: numbers of the expression's vector from one step to the next

  bool operator==(const Axis&) const = default;
};

/// The axes of one dimension, outermost first; none: its extent is 1.
using Dimension = std::vector<Axis>;

std::int64_t extent_of(const Dimension& dimension);

/// An array whose elements are the numbers of an expression, for every request, place in the history and channel.
struct ExpressionArray {
  std::vector<Dimension> dimensions;
  const Expression* expression = nullptr;

  Extents shape() const;
  /// True when the dimension runs over all channels of the expression, in order, or over its only one.
  bool is_channels(std::size_t dimension) const;
  bool is_time(std::size_t dimension) const;
};

/// A value of the graph; a Tensor is an initialiser that nothing has read yet.
using GraphArray = std::variant<NumberArray, ExpressionArray, const Tensor*>;

/// `axes` in the same order, cut into dimensions of the extents `shape`; nullopt when a cut would go through an axis of
/// batch or time.
std::optional<std::vector<Dimension>> reshape_axes(std::vector<Axis> axes, const Extents& shape);

/// Neighbours that are one run of channels become one.
Dimension joined(Dimension dimension);

}  // namespace dinghy::converter
