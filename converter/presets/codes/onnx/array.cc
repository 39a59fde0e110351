#include "converter/presets/codes/onnx/array.h"

#include <algorithm>

namespace dinghy::converter {

std::int64_t count_of(const Extents& shape) {
  std::int64_t count = 1;
  for (const std::int64_t extent : shape) count *= extent;
  return count;
}

std::int64_t extent_of(const Dimension& dimension) {
  std::int64_t extent = 1;
  for (const Axis& axis : dimension) extent *= axis.extent;
  return extent;
}

Extents ExpressionArray::shape() const {
  Extents shape;
  for (const Dimension& dimension : dimensions) shape.push_back(extent_of(dimension));
  return shape;
}

bool ExpressionArray::is_channels(std::size_t dimension) const {
  const auto width = static_cast<std::int64_t>(expression->width);
  if (width == 1) return dimensions.at(dimension).empty();
  return dimensions.at(dimension) == Dimension{{Axis::Kind::channel, width, 1}};
}

bool ExpressionArray::is_time(std::size_t dimension) const {
  const Dimension& axes = dimensions.at(dimension);
  return axes.size() == 1 && axes[0].kind == Axis::Kind::time;
}

Dimension joined(Dimension dimension) {
  Dimension result;
  for (const Axis& axis : dimension) {
    const bool run = !result.empty() && axis.kind == Axis::Kind::channel && result.back().kind == axis.kind &&
                     result.back().stride == axis.stride * axis.extent;
    if (run) {
      result.back() = {axis.kind, result.back().extent * axis.extent, axis.stride};
    } else {
      result.push_back(axis);
    }
  }
  return result;
}

std::optional<std::vector<Dimension>> reshape_axes(std::vector<Axis> axes, const Extents& shape) {
  std::vector<Dimension> dimensions;
  std::size_t next = 0;
  for (std::int64_t left : shape) {
    Dimension dimension;
    while (left > 1) {
      if (next == axes.size()) return std::nullopt;
      Axis& axis = axes[next];
      if (left % axis.extent == 0) {
        dimension.push_back(axis);
        left /= axis.extent;
        ++next;
      } else {
        if (axis.kind != Axis::Kind::channel || axis.extent % left != 0) return std::nullopt;
        const std::int64_t inner = axis.extent / left;
        dimension.push_back({axis.kind, left, axis.stride * inner});
        axis.extent = inner;
        left = 1;
      }
    }
    dimensions.push_back(joined(std::move(dimension)));
  }
  if (next != axes.size()) return std::nullopt;
  return dimensions;
}

}  // namespace dinghy::converter
