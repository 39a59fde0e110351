// The operations of layers and of pooling, on expressions.
#include <algorithm>
#include <cmath>

#include "converter/presets/codes/onnx/operations.h"
#include "converter/presets/codes/onnx/shapes.h"

namespace dinghy::converter {
namespace {

GraphArray elementwise(NodeReader& reader, const char* name, std::vector<GraphArray> operands) {
  return apply_elementwise(reader, *find_scalar_operation(name), std::move(operands));
}

Dimension channels(std::int64_t width) { return width == 1 ? Dimension{} : Dimension{{Axis::Kind::channel, width, 1}}; }

// The channels lie along `dimension` of the array.
ExpressionArray linear(NodeReader& reader, ExpressionArray array, std::size_t dimension, Matrix weight) {
  if (!array.is_channels(dimension) || array.expression->width != weight.rows) {
    reader.fail("multiplies vectors of " + std::to_string(array.expression->width) + " numbers with a weight for " +
                std::to_string(weight.rows) + ", or along another dimension than theirs");
  }
  array.dimensions[dimension] = channels(static_cast<std::int64_t>(weight.cols));
  array.expression = reader.make().linear(array.expression, std::move(weight));
  return array;
}

Matrix matrix_of(NodeReader& reader, std::size_t input, bool transposed) {
  const NumberArray& array = reader.numbers(input);
  std::size_t leading = array.shape.size() < 2 ? 0 : array.shape.size() - 2;
  for (std::size_t d = 0; d < leading; ++d) leading = array.shape[d] == 1 ? leading : 0;
  if (array.shape.size() != leading + 2) reader.fail("multiplies with a constant that is no matrix");
  const auto rows = static_cast<std::size_t>(array.shape[leading]);
  const auto cols = static_cast<std::size_t>(array.shape[leading + 1]);
  if (!transposed) return {rows, cols, array.numbers};
  Matrix turned{cols, rows, Vector(array.numbers.size())};
  for (std::size_t r = 0; r < rows; ++r) {
    for (std::size_t c = 0; c < cols; ++c) turned.at(c, r) = array.numbers[r * cols + c];
  }
  return turned;
}

// [.., 1, T] x [.., T, D] pools; [.., N, D] x [.., D, T] compares.
GraphArray product_of_expressions(NodeReader& reader) {
  const ExpressionArray &left = reader.expression(0), &right = reader.expression(1);
  const std::size_t rank = left.dimensions.size();
  if (rank < 2 || right.dimensions.size() != rank) reader.fail("multiplies arrays of different ranks");
  std::vector<const Expression*> args = {left.expression, right.expression};
  ExpressionArray result = {left.dimensions, nullptr};
  result.dimensions.back() = right.dimensions.back();
  const Expression* product = reader.make().elementwise(find_scalar_operation("Mul"), args);
  const bool outer_same = std::equal(left.dimensions.begin(), left.dimensions.end() - 2, right.dimensions.begin());
  if (outer_same && left.is_time(rank - 1) && left.dimensions.back() == right.dimensions[rank - 2] &&
      left.expression->width == 1 && right.is_channels(rank - 1)) {
    result.expression = reader.make().time_sum(product);
    return result;
  }
  if (outer_same && left.is_channels(rank - 1) && right.is_channels(rank - 2) &&
      left.expression->width == right.expression->width) {
    result.expression = reader.make().channel_sum(product);
    return result;
  }
  reader.fail("multiplies two computed arrays in a way that neither pools a history nor compares vectors");
}

GraphArray mat_mul(NodeReader& reader) {
  if (!reader.is_expression(0)) reader.fail("multiplies a constant from the left");
  if (reader.is_expression(1)) return product_of_expressions(reader);
  const ExpressionArray& array = reader.expression(0);
  if (array.dimensions.empty()) reader.fail("multiplies a single number");
  return linear(reader, array, array.dimensions.size() - 1, matrix_of(reader, 1, false));
}

GraphArray gemm(NodeReader& reader) {
  if (!reader.is_expression(0) || reader.is_expression(1) || reader.attribute("transA", 0) != 0) {
    reader.fail("is no layer: it needs vectors times a constant weight");
  }
  Matrix weight = matrix_of(reader, 1, reader.attribute("transB", 0) != 0);
  for (double& number : weight.values) number *= reader.number_attribute("alpha", 1);
  GraphArray result = linear(reader, reader.expression(0), 1, std::move(weight));
  if (!reader.has(2)) return result;
  NumberArray bias = reader.numbers(2);
  for (double& number : bias.numbers) number *= reader.number_attribute("beta", 1);
  return elementwise(reader, "Add", {result, bias});
}

// A convolution over single places: a layer on the channels in dimension 1.
GraphArray conv(NodeReader& reader) {
  const NumberArray& stored = reader.numbers(1);
  const ExpressionArray& array = reader.expression(0);
  const bool single = stored.shape.size() > 2 && count_of({stored.shape.begin() + 2, stored.shape.end()}) == 1;
  if (!single || reader.attribute("group", 1) != 1 || array.dimensions.size() < 2) {
    reader.fail("is a convolution over several places");
  }
  const auto out = static_cast<std::size_t>(stored.shape[0]), in = static_cast<std::size_t>(stored.shape[1]);
  Matrix weight{in, out, Vector(in * out)};
  for (std::size_t o = 0; o < out; ++o) {
    for (std::size_t i = 0; i < in; ++i) weight.at(i, o) = stored.numbers[o * in + i];
  }
  GraphArray result = linear(reader, array, 1, std::move(weight));
  if (!reader.has(2)) return result;
  NumberArray bias = reader.numbers(2);
  bias.shape.resize(array.dimensions.size() - 1, 1);
  return elementwise(reader, "Add", {result, bias});
}

GraphArray batch_norm(NodeReader& reader) {
  const ExpressionArray& array = reader.expression(0);
  const std::size_t width = array.expression->width;
  if (reader.attribute("training_mode", 0) != 0) {
    reader.fail("normalises with the statistics of the batch; export the model after model.eval()");
  }
  if (array.dimensions.size() < 2 || !array.is_channels(1)) reader.fail("normalises other things than channels");
  const double epsilon = reader.number_attribute("epsilon", 1e-5);
  std::vector<Vector> stored;
  for (std::size_t i = 1; i <= 4; ++i) {
    stored.push_back(reader.numbers(i).numbers);
    if (stored.back().size() != width) reader.fail("has statistics for another number of channels");
  }
  NumberArray scale, shift;
  scale.shape = shift.shape = Extents(array.dimensions.size() - 1, 1);
  scale.shape[0] = shift.shape[0] = static_cast<std::int64_t>(width);
  for (std::size_t c = 0; c < width; ++c) {
    if (!(stored[3][c] + epsilon > 0)) reader.fail("has a negative variance in channel " + std::to_string(c));
    scale.numbers.push_back(stored[0][c] / std::sqrt(stored[3][c] + epsilon));
    shift.numbers.push_back(stored[1][c] - stored[2][c] * scale.numbers[c]);
  }
  return elementwise(reader, "Add", {elementwise(reader, "Mul", {array, scale}), shift});
}

GraphArray softmax(NodeReader& reader) {
  ExpressionArray array = reader.expression(0);
  const std::size_t rank = array.dimensions.size();
  const bool flattens = reader.setting().opset < 13;  // then it runs over all dimensions from the axis on
  const std::size_t axis = reader.axis(flattens ? 1 : -1, rank);
  if (flattens && axis + 1 != rank) reader.fail("runs over several dimensions at once");
  if (array.is_time(axis) && array.expression->width == 1) {
    array.expression = reader.make().softmax(array.expression);
  } else if (array.is_channels(axis) && array.expression->time == 0) {
    array.expression = reader.make().classes(array.expression);
  } else {
    reader.fail("runs over neither the history nor the classes");
  }
  return array;
}

ExpressionArray sum_along(NodeReader& reader, const ExpressionArray& array, std::size_t axis) {
  ExpressionArray result = array;
  if (array.dimensions[axis].empty()) return result;
  if (array.is_time(axis)) {
    if (array.expression->time == 0) reader.fail("sums over a history what does not depend on it");
    result.expression = reader.make().time_sum(array.expression);
  } else if (array.is_channels(axis)) {
    result.expression = reader.make().channel_sum(array.expression);
  } else {
    reader.fail("sums over neither the history nor all channels");
  }
  result.dimensions[axis] = {};
  return result;
}

GraphArray reduce(NodeReader& reader, bool mean) {
  ExpressionArray array = reader.expression(0);
  const std::size_t rank = array.dimensions.size();
  const std::optional<Extents> axes = reader.axes(1);
  if (!axes || axes->empty()) reader.fail("sums over everything, the batch too");
  std::vector<bool> gone(rank, false);
  double count = 1;
  for (const std::int64_t axis : *axes) {
    const std::size_t d = reader.place(axis, rank);
    count *= static_cast<double>(extent_of(array.dimensions[d]));
    array = sum_along(reader, array, d);
    gone[d] = reader.attribute("keepdims", 1) == 0;
  }
  for (std::size_t d = rank; d-- > 0;) {
    if (gone[d]) array.dimensions.erase(array.dimensions.begin() + static_cast<std::ptrdiff_t>(d));
  }
  return mean ? elementwise(reader, "Mul", {array, NumberArray{{}, {1 / count}, false}}) : GraphArray(array);
}

}  // namespace

std::optional<GraphArray> compute_layer(NodeReader& reader) {
  const std::string& op = reader.node().op;
  if (op == "MatMul") return mat_mul(reader);
  if (op == "Gemm") return gemm(reader);
  if (op == "Conv") return conv(reader);
  if (op == "BatchNormalization") return batch_norm(reader);
  if (op == "Softmax") return softmax(reader);
  if (op == "ReduceSum") return reduce(reader, false);
  if (op == "ReduceMean") return reduce(reader, true);
  return std::nullopt;
}

}  // namespace dinghy::converter
