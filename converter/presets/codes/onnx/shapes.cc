#include "converter/presets/codes/onnx/shapes.h"

#include <algorithm>
#include <numeric>

namespace dinghy::converter {
namespace {

Extents reshaped(NodeReader& reader, const Extents& shape) {
  Extents target = reader.integers(1);
  std::int64_t known = 1;
  for (std::size_t d = 0; d < target.size(); ++d) {
    if (target[d] == 0 && reader.attribute("allowzero", 0) == 0 && d < shape.size()) target[d] = shape[d];
    if (target[d] < -1 || target[d] > INT32_MAX) reader.fail("asks for an impossible shape");
    if (target[d] != -1 && __builtin_mul_overflow(known, target[d], &known))
      reader.fail("asks for an impossible shape");
  }
  const std::int64_t all = count_of(shape);
  const auto open = std::ranges::find(target, -1);
  if (open != target.end()) *open = known == 0 ? 0 : all / known;
  if (std::ranges::count(target, -1) > 0 || count_of(target) != all) {
    reader.fail("asks for a shape with another number of elements");
  }
  return target;
}

Extents squeezed(NodeReader& reader, const Extents& shape) {
  std::vector<bool> drop(shape.size(), false);
  if (const std::optional<Extents> axes = reader.axes(1)) {
    for (const std::int64_t axis : *axes) drop[reader.place(axis, shape.size())] = true;
  } else {
    for (std::size_t d = 0; d < shape.size(); ++d) drop[d] = shape[d] == 1;
  }
  Extents result;
  for (std::size_t d = 0; d < shape.size(); ++d) {
    if (!drop[d]) result.push_back(shape[d]);
    if (drop[d] && shape[d] != 1) reader.fail("drops a dimension that is not 1");
  }
  return result;
}

Extents unsqueezed(NodeReader& reader, const Extents& shape) {
  const Extents axes = reader.axes(1).value_or(Extents{});
  const std::size_t rank = shape.size() + axes.size();
  std::vector<bool> added(rank, false);
  for (const std::int64_t axis : axes) added[reader.place(axis, rank)] = true;
  if (std::ranges::count(added, true) != static_cast<std::ptrdiff_t>(axes.size())) reader.fail("adds an axis twice");
  Extents result;
  auto next = shape.begin();
  for (std::size_t d = 0; d < rank; ++d) result.push_back(added[d] ? 1 : *next++);
  return result;
}

}  // namespace

Extents row_strides(const Extents& shape) {
  Extents strides(shape.size(), 1);
  for (std::size_t d = shape.size(); d-- > 1;) strides[d - 1] = strides[d] * shape[d];
  return strides;
}

NumberArray strided(const NumberArray& array, const Extents& shape, const Extents& strides, std::int64_t offset) {
  NumberArray result = {shape, {}, array.integer};
  const std::int64_t count = count_of(shape);
  result.numbers.reserve(static_cast<std::size_t>(count));
  Extents index(shape.size(), 0);
  for (std::int64_t i = 0; i < count; ++i) {
    result.numbers.push_back(array.numbers.at(static_cast<std::size_t>(offset)));
    for (std::size_t d = shape.size(); d-- > 0;) {
      offset += strides[d];
      if (++index[d] < shape[d]) break;
      offset -= strides[d] * shape[d];
      index[d] = 0;
    }
  }
  return result;
}

NumberArray broadcast(const NumberArray& array, const Extents& shape) {
  const std::size_t missing = shape.size() - array.shape.size();
  const Extents own = row_strides(array.shape);
  Extents strides(shape.size(), 0);
  for (std::size_t d = 0; d < own.size(); ++d) strides[missing + d] = array.shape[d] == 1 ? 0 : own[d];
  return strided(array, shape, strides, 0);
}

Extents broadcast_shape(const NodeReader& reader, const Extents& a, const Extents& b) {
  Extents shape(std::max(a.size(), b.size()), 1);
  for (std::size_t d = 0; d < shape.size(); ++d) {
    const std::size_t back = shape.size() - d;
    const std::int64_t x = back <= a.size() ? a[a.size() - back] : 1;
    const std::int64_t y = back <= b.size() ? b[b.size() - back] : 1;
    if (x != y && x != 1 && y != 1) {
      reader.fail("takes arrays that do not fit: " + std::to_string(x) + " and " + std::to_string(y) +
                  " elements along one dimension");
    }
    shape[d] = x == 1 ? y : x;
    if (shape[d] < 0) reader.fail("asks for an impossible shape");
  }
  return shape;
}

std::vector<std::size_t> transposition(NodeReader& reader, std::size_t rank) {
  std::vector<std::size_t> order(rank);
  std::iota(order.rbegin(), order.rend(), std::size_t{0});
  if (const GraphAttribute* given = reader.node().find("perm")) {
    if (given->ints.size() != rank) reader.fail("transposes another number of dimensions than its input has");
    for (std::size_t d = 0; d < rank; ++d) order[d] = reader.place(given->ints[d], rank);
  }
  std::vector<std::size_t> sorted = order;
  std::ranges::sort(sorted);
  if (std::ranges::adjacent_find(sorted) != sorted.end()) reader.fail("transposes a dimension twice");
  return order;
}

Extents new_shape(NodeReader& reader, const Extents& shape) {
  const std::string& op = reader.node().op;
  if (op == "Reshape") return reshaped(reader, shape);
  if (op == "Squeeze") return squeezed(reader, shape);
  if (op == "Unsqueeze") return unsqueezed(reader, shape);
  const std::int64_t axis = reader.attribute("axis", 1);
  const auto cut = shape.begin() + (axis < 0 ? axis + static_cast<std::int64_t>(shape.size()) : axis);
  if (cut < shape.begin() || cut > shape.end()) reader.fail("flattens at an axis that its input has not");
  return {count_of({shape.begin(), cut}), count_of({cut, shape.end()})};
}

std::vector<Cut> cuts_of(NodeReader& reader, const Extents& shape) {
  const auto list = [&](std::size_t input, const char* attribute) {
    if (reader.has(input)) return reader.integers(input);
    const GraphAttribute* found = reader.node().find(attribute);
    return found ? found->ints : Extents{};
  };
  const Extents begins = list(1, "starts"), ends = list(2, "ends"), steps = list(4, "steps");
  Extents axes = list(3, "axes");
  if (axes.empty()) {
    for (std::size_t d = 0; d < begins.size(); ++d) axes.push_back(static_cast<std::int64_t>(d));
  }
  if (begins.size() != ends.size() || begins.size() != axes.size()) reader.fail("has lists of different lengths");
  std::vector<Cut> cuts;
  for (std::size_t i = 0; i < axes.size(); ++i) {
    const std::size_t d = reader.place(axes[i], shape.size());
    const auto inside = [&](std::int64_t at) {
      return std::clamp<std::int64_t>(at < 0 ? at + shape[d] : at, 0, shape[d]);
    };
    const std::int64_t step = i < steps.size() ? steps[i] : 1;
    if (step < 1) reader.fail("goes backwards");
    if (std::ranges::find(cuts, d, &Cut::dimension) != cuts.end()) reader.fail("cuts one dimension twice");
    const std::int64_t begin = inside(begins[i]), end = inside(ends[i]);
    cuts.push_back({d, begin, begin < end ? (end - begin - 1) / step + 1 : 0, step});
  }
  return cuts;
}

}  // namespace dinghy::converter
