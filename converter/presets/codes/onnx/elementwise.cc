// Elementwise operations: the axes of their operands meet by broadcasting.
#include <algorithm>
#include <cmath>

#include "converter/presets/codes/onnx/operations.h"
#include "converter/presets/codes/onnx/probe.h"
#include "converter/presets/codes/onnx/shapes.h"

namespace dinghy::converter {
namespace {

NumberArray apply_to_numbers(NodeReader& reader, const ScalarOperation& operation,
                             const std::vector<GraphArray>& operands) {
  Extents shape;
  for (const GraphArray& operand : operands) {
    shape = broadcast_shape(reader, shape, std::get<NumberArray>(operand).shape);
  }
  reader.spend(shape);
  std::vector<NumberArray> spread;
  for (const GraphArray& operand : operands) spread.push_back(broadcast(std::get<NumberArray>(operand), shape));
  NumberArray result = std::move(spread[0]);
  for (std::size_t i = 0; i < result.numbers.size(); ++i) {
    const double b = spread.size() > 1 ? spread[1].numbers[i] : 0, c = spread.size() > 2 ? spread[2].numbers[i] : 0;
    double& number = result.numbers[i];
    number = operation.apply(number, b, c);
    if (operation.name == std::string("Div") && result.integer) number = std::trunc(number);
  }
  if (operation.operands == 3) result.integer = spread[1].integer;
  return result;
}

// Dimension `back` from the end; nullptr where the array has no such dimension.
const Dimension* dimension_from_end(const ExpressionArray& array, std::size_t back) {
  return back < array.dimensions.size() ? &array.dimensions[array.dimensions.size() - 1 - back] : nullptr;
}

// The axis of a dimension that only constants have. `inner`: channels in the dimensions behind it.
Axis axis_of_constant(const NodeReader& reader, GraphSetting& setting, std::int64_t extent, std::int64_t inner) {
  if (extent == setting.batch) return {Axis::Kind::batch, extent};
  if (setting.times.contains(extent)) return {Axis::Kind::time, extent};
  if (extent > INT32_MAX / inner) reader.fail("takes an impossibly large constant");
  return {Axis::Kind::channel, extent, inner};
}

bool is_one_axis(const Dimension& dimension, Axis::Kind kind) {
  return dimension.size() == 1 && dimension[0].kind == kind;
}

// Floats that meet the places of a history, one for one: a mask. The next walk reads its inputs so.
void note_marks(NodeReader& reader, const std::vector<GraphArray>& operands, std::size_t back) {
  std::int64_t places = 0;
  for (const GraphArray& operand : operands) {
    const auto* array = std::get_if<ExpressionArray>(&operand);
    const Dimension* own = array ? dimension_from_end(*array, back) : nullptr;
    if (own && is_one_axis(*own, Axis::Kind::time)) places = (*own)[0].extent;
  }
  for (const GraphArray& operand : operands) {
    const auto* array = std::get_if<ExpressionArray>(&operand);
    const Dimension* own = array ? dimension_from_end(*array, back) : nullptr;
    if (!own || !is_one_axis(*own, Axis::Kind::channel) || (*own)[0].extent != places) continue;
    for (const Expression* source : sources_of(array->expression, false)) {
      const bool whole = source->kind == ExpressionKind::input && source->begin == 0 && source->time == 0 &&
                         static_cast<std::int64_t>(source->width) == places;
      if (whole) reader.setting().marks.insert(source->name);
    }
  }
}

std::vector<Dimension> common_dimensions(NodeReader& reader, const std::vector<GraphArray>& operands) {
  std::size_t rank = 0;
  for (const GraphArray& operand : operands) {
    const auto* array = std::get_if<ExpressionArray>(&operand);
    rank = std::max(rank, array ? array->dimensions.size() : std::get<NumberArray>(operand).shape.size());
  }
  std::vector<Dimension> dimensions(rank);
  std::int64_t inner = 1;
  for (std::size_t back = 0; back < rank; ++back) {
    Dimension& dimension = dimensions[rank - 1 - back];
    std::int64_t constant_extent = 1;
    for (const GraphArray& operand : operands) {
      if (const auto* array = std::get_if<ExpressionArray>(&operand)) {
        const Dimension* own = dimension_from_end(*array, back);
        if (!own || own->empty()) continue;
        if (!dimension.empty() && dimension != *own) {
          note_marks(reader, operands, back);
          reader.fail("takes arrays whose dimensions mean different things, as numbers beside places of the history");
        }
        dimension = *own;
      } else if (const Extents& shape = std::get<NumberArray>(operand).shape; back < shape.size()) {
        constant_extent = std::max(constant_extent, shape[shape.size() - 1 - back]);
      }
    }
    if (dimension.empty() && constant_extent > 1) {
      dimension = {axis_of_constant(reader, reader.setting(), constant_extent, inner)};
    }
    if (constant_extent > 1 && constant_extent != extent_of(dimension)) reader.fail("takes arrays that do not fit");
    for (const Axis& axis : dimension) {
      if (axis.kind == Axis::Kind::channel) inner = std::max(inner, axis.extent * axis.stride);
    }
  }
  return dimensions;
}

struct Size {
  std::int64_t batch = 1, time = 1, width = 1;
};

Size size_of_dimensions(const std::vector<Dimension>& dimensions) {
  Size size;
  for (const Dimension& dimension : dimensions) {
    for (const Axis& axis : dimension) {
      if (axis.kind == Axis::Kind::batch) size.batch = axis.extent;
      if (axis.kind == Axis::Kind::time) size.time = axis.extent;
      if (axis.kind == Axis::Kind::channel) size.width = std::max(size.width, axis.extent * axis.stride);
    }
  }
  return size;
}

// Where in the constant the number for one row, place and channel stands.
std::size_t offset_at(const std::vector<Dimension>& dimensions, const Extents& strides, const Size& at) {
  std::int64_t offset = 0;
  for (std::size_t d = 0; d < dimensions.size(); ++d) {
    std::int64_t index = 0;
    for (const Axis& axis : dimensions[d]) {
      const std::int64_t place = axis.kind == Axis::Kind::batch  ? at.batch
                                 : axis.kind == Axis::Kind::time ? at.time
                                                                 : at.width / axis.stride % axis.extent;
      index = index * axis.extent + place;
    }
    offset += index * strides[d];
  }
  return static_cast<std::size_t>(offset);
}

// A constant, spread over the dimensions of what it meets. Exporters also repeat constants for each row of the batch.
const Expression* spread_constant(NodeReader& reader, const NumberArray& array,
                                  const std::vector<Dimension>& dimensions) {
  const std::size_t missing = dimensions.size() - array.shape.size();
  const Extents own = row_strides(array.shape);
  Extents strides(dimensions.size(), 0);
  for (std::size_t d = 0; d < own.size(); ++d) strides[missing + d] = array.shape[d] == 1 ? 0 : own[d];
  const Size size = size_of_dimensions(dimensions);
  if (array.numbers.size() == 1) {
    return reader.make().constant(Vector(static_cast<std::size_t>(size.width), array.numbers[0]),
                                  static_cast<std::size_t>(size.width), 0);
  }
  reader.spend({size.time, size.width});
  Vector numbers;
  bool by_time = false;
  for (std::int64_t t = 0; t < size.time; ++t) {
    for (std::int64_t c = 0; c < size.width; ++c) {
      numbers.push_back(array.numbers.at(offset_at(dimensions, strides, {0, t, c})));
      by_time |= numbers.back() != numbers[static_cast<std::size_t>(c)];
    }
  }
  const bool by_row = static_cast<std::int64_t>(array.numbers.size()) > size.time * size.width;
  for (std::int64_t b = 1; by_row && b < size.batch; ++b) {
    for (std::int64_t i = 0; i < size.time * size.width; ++i) {
      const double number = array.numbers.at(offset_at(dimensions, strides, {b, i / size.width, i % size.width}));
      if (number != numbers[static_cast<std::size_t>(i)]) reader.fail("has a constant that differs between rows");
    }
  }
  if (!by_time) numbers.resize(static_cast<std::size_t>(size.width));
  return reader.make().constant(std::move(numbers), static_cast<std::size_t>(size.width),
                                by_time ? static_cast<std::size_t>(size.time) : 0);
}

// A vector that meets several vectors side by side is repeated for each.
const Expression* repeated(NodeReader& reader, const Expression* expression, std::size_t width) {
  if (expression->width == 1 || expression->width == width) return expression;
  if (width % expression->width != 0) reader.fail("takes vectors of different widths");
  return reader.make().concat(std::vector<const Expression*>(width / expression->width, expression));
}

bool is_comparison(const std::string& op) {
  return op == "Equal" || op == "Less" || op == "LessOrEqual" || op == "Greater" || op == "GreaterOrEqual";
}

}  // namespace

GraphArray apply_elementwise(NodeReader& reader, const ScalarOperation& operation, std::vector<GraphArray> operands) {
  for (GraphArray& operand : operands) {
    auto* array = std::get_if<ExpressionArray>(&operand);
    if (array && is_comparison(operation.name)) operand = as_history(reader, *array);
  }
  const bool numbers = std::ranges::all_of(
      operands, [](const GraphArray& operand) { return std::holds_alternative<NumberArray>(operand); });
  if (numbers) return apply_to_numbers(reader, operation, operands);
  ExpressionArray result = {common_dimensions(reader, operands), nullptr};
  const auto width = static_cast<std::size_t>(size_of_dimensions(result.dimensions).width);
  std::vector<const Expression*> args;
  for (const GraphArray& operand : operands) {
    const auto* array = std::get_if<ExpressionArray>(&operand);
    args.push_back(array ? repeated(reader, array->expression, width)
                         : spread_constant(reader, std::get<NumberArray>(operand), result.dimensions));
  }
  result.expression = reader.make().elementwise(&operation, std::move(args));
  return result;
}

}  // namespace dinghy::converter
