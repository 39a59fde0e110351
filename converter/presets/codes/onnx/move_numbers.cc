// Reshape, Transpose, Slice, Concat and the like, on known numbers: what exporters compute shapes with.
#include <algorithm>
#include <cmath>

#include "converter/presets/codes/onnx/operations.h"
#include "converter/presets/codes/onnx/shapes.h"

namespace dinghy::converter {
namespace {

NumberArray with_shape(const NumberArray& array, Extents shape) {
  return {std::move(shape), array.numbers, array.integer};
}

NumberArray transposed(NodeReader& reader, const NumberArray& array) {
  const std::vector<std::size_t> order = transposition(reader, array.shape.size());
  const Extents strides = row_strides(array.shape);
  Extents shape, moved;
  for (const std::size_t d : order) {
    shape.push_back(array.shape[d]);
    moved.push_back(strides[d]);
  }
  return strided(array, shape, moved, 0);
}

NumberArray expanded(NodeReader& reader, const NumberArray& array, const Extents& to) {
  const Extents shape = broadcast_shape(reader, array.shape, to);
  reader.spend(shape);
  return broadcast(array, shape);
}

NumberArray concatenated(NodeReader& reader) {
  const std::size_t rank = reader.numbers(0).shape.size();
  const std::size_t axis = reader.axis(0, rank);
  NumberArray result = {reader.numbers(0).shape, {}, reader.numbers(0).integer};
  result.shape[axis] = 0;
  std::int64_t outer = 1;
  for (std::size_t d = 0; d < axis; ++d) outer *= result.shape[d];
  for (std::size_t i = 0; i < reader.count(); ++i) {
    const Extents& shape = reader.numbers(i).shape;
    bool fits = shape.size() == rank;
    for (std::size_t d = 0; fits && d < rank; ++d) fits = d == axis || shape[d] == result.shape[d];
    if (!fits) reader.fail("puts constants of different shapes side by side");
    result.shape[axis] += shape[axis];
  }
  reader.spend(result.shape);
  for (std::int64_t row = 0; row < outer; ++row) {
    for (std::size_t i = 0; i < reader.count(); ++i) {
      const Vector& from = reader.numbers(i).numbers;
      const auto run = static_cast<std::ptrdiff_t>(from.size()) / outer;
      result.numbers.insert(result.numbers.end(), from.begin() + row * run, from.begin() + (row + 1) * run);
    }
  }
  return result;
}

NumberArray tiled(NodeReader& reader, const NumberArray& array) {
  const Extents repeats = reader.integers(1);
  if (repeats.size() != array.shape.size()) reader.fail("repeats a constant along dimensions that it has not");
  Extents split, strides, shape;
  const Extents own = row_strides(array.shape);
  for (std::size_t d = 0; d < repeats.size(); ++d) {
    if (repeats[d] < 0) reader.fail("repeats a constant a negative number of times");
    split.insert(split.end(), {repeats[d], array.shape[d]});
    strides.insert(strides.end(), {0, own[d]});
    shape.push_back(repeats[d]);
  }
  reader.spend(split);
  for (std::size_t d = 0; d < shape.size(); ++d) shape[d] *= array.shape[d];
  return with_shape(strided(array, split, strides, 0), shape);
}

NumberArray sliced(NodeReader& reader, const NumberArray& array) {
  Extents shape = array.shape, strides = row_strides(array.shape);
  std::int64_t offset = 0;
  for (const Cut& cut : cuts_of(reader, array.shape)) {
    offset += cut.begin * strides[cut.dimension];
    shape[cut.dimension] = cut.count;
    strides[cut.dimension] *= cut.step;
  }
  return strided(array, shape, strides, offset);
}

NumberArray gathered(NodeReader& reader, const NumberArray& array) {
  const std::size_t axis = reader.axis(0, array.shape.size());
  const NumberArray& indices = reader.numbers(1);
  std::int64_t outer = 1, inner = 1;
  for (std::size_t d = 0; d < array.shape.size(); ++d) (d < axis ? outer : inner) *= d == axis ? 1 : array.shape[d];
  Extents shape(array.shape.begin(), array.shape.begin() + static_cast<std::ptrdiff_t>(axis));
  shape.insert(shape.end(), indices.shape.begin(), indices.shape.end());
  shape.insert(shape.end(), array.shape.begin() + static_cast<std::ptrdiff_t>(axis) + 1, array.shape.end());
  reader.spend(shape);
  NumberArray result = {shape, {}, array.integer};
  for (std::int64_t row = 0; row < outer; ++row) {
    for (const std::int64_t index : reader.integers(1)) {
      const std::int64_t at = index < 0 ? index + array.shape[axis] : index;
      if (at < 0 || at >= array.shape[axis]) reader.fail("reads behind the end of a constant");
      const auto begin = array.numbers.begin() + (row * array.shape[axis] + at) * inner;
      result.numbers.insert(result.numbers.end(), begin, begin + inner);
    }
  }
  return result;
}

NumberArray range(NodeReader& reader) {
  const double start = reader.numbers(0).numbers.at(0), limit = reader.numbers(1).numbers.at(0),
               step = reader.numbers(2).numbers.at(0);
  const double count = step == 0 ? -1 : std::ceil((limit - start) / step);
  if (!(count >= 0 && count < 1e9)) reader.fail("has no end");
  NumberArray result = {{static_cast<std::int64_t>(count)}, {}, reader.numbers(0).integer};
  reader.spend(result.shape);
  for (std::int64_t i = 0; i < result.shape[0]; ++i) result.numbers.push_back(start + static_cast<double>(i) * step);
  return result;
}

NumberArray filled(NodeReader& reader) {
  NumberArray result = {reader.integers(0), {}, false};
  double value = 0;
  if (const GraphAttribute* given = reader.node().find("value");
      given && given->tensor && given->tensor->numel() == 1) {
    value = given->tensor->values()[0];
    result.integer = given->tensor->dtype == DType::i64 || given->tensor->dtype == DType::i32;
  }
  reader.spend(result.shape);
  result.numbers.assign(static_cast<std::size_t>(count_of(result.shape)), value);
  return result;
}

NumberArray constant(NodeReader& reader) {
  const GraphNode& node = reader.node();
  if (const GraphAttribute* value = node.find("value"); value && value->tensor) {
    reader.spend(value->tensor->shape);
    const DType dtype = value->tensor->dtype;
    const bool integer = dtype != DType::f32 && dtype != DType::f64 && dtype != DType::f16 && dtype != DType::bf16;
    return {value->tensor->shape, value->tensor->values(), integer};
  }
  if (const GraphAttribute* value = node.find("value_float"); value && !value->floats.empty()) {
    return {{}, {value->floats[0]}, false};
  }
  NumberArray result = {{}, {}, true};
  const GraphAttribute* one = node.find("value_int");
  const GraphAttribute* list = node.find("value_ints");
  if (!one && !list) reader.fail("is a constant that holds no numbers");
  for (const std::int64_t number : (one ? one : list)->ints) result.numbers.push_back(static_cast<double>(number));
  if (list) result.shape = {static_cast<std::int64_t>(result.numbers.size())};
  if (one && result.numbers.size() != 1) reader.fail("is a constant that holds no numbers");
  return result;
}

NumberArray cast(NodeReader& reader, NumberArray array) {
  const std::int64_t to = reader.attribute("to", 1);
  array.integer = to != 1 && to != 10 && to != 11 && to != 16;
  for (double& number : array.numbers) {
    if (to == 9)
      number = number != 0 ? 1 : 0;
    else if (array.integer)
      number = std::trunc(number);
  }
  return array;
}

}  // namespace

std::optional<std::vector<GraphArray>> move_numbers(NodeReader& reader) {
  const std::string& op = reader.node().op;
  const auto one = [](NumberArray array) { return std::vector<GraphArray>{std::move(array)}; };
  if (op == "Constant") return one(constant(reader));
  if (op == "ConstantOfShape") return one(filled(reader));
  if (op == "Range") return one(range(reader));
  if (op == "Concat") return one(concatenated(reader));
  if (op == "Shape" || op == "Size" || reader.count() == 0) return std::nullopt;
  const NumberArray& array = reader.numbers(0);
  if (op == "Cast") return one(cast(reader, array));
  if (op == "Identity" || op == "Dropout") return one(array);
  if (op == "Transpose") return one(transposed(reader, array));
  if (op == "Reshape" || op == "Flatten" || op == "Squeeze" || op == "Unsqueeze") {
    return one(with_shape(array, new_shape(reader, array.shape)));
  }
  if (op == "Expand") return one(expanded(reader, array, reader.integers(1)));
  if (op == "Tile") return one(tiled(reader, array));
  if (op == "Slice") return one(sliced(reader, array));
  if (op == "Gather") return one(gathered(reader, array));
  return std::nullopt;
}

}  // namespace dinghy::converter
