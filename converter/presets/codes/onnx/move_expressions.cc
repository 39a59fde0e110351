// Reshape, Transpose, Slice, Concat, Gather and the like, on expressions.
#include <algorithm>

#include "converter/presets/codes/onnx/operations.h"
#include "converter/presets/codes/onnx/shapes.h"

namespace dinghy::converter {
namespace {

GraphArray reshaped(NodeReader& reader, const ExpressionArray& array, const Extents& shape) {
  std::vector<Axis> axes;
  for (const Dimension& dimension : array.dimensions) axes.insert(axes.end(), dimension.begin(), dimension.end());
  std::optional<std::vector<Dimension>> dimensions = reshape_axes(std::move(axes), shape);
  if (!dimensions) reader.fail("cuts through the rows of a batch or the behaviours of a history");
  return ExpressionArray{std::move(*dimensions), array.expression};
}

GraphArray transposed(NodeReader& reader, const ExpressionArray& array) {
  ExpressionArray result = {{}, array.expression};
  for (const std::size_t d : transposition(reader, array.dimensions.size())) {
    result.dimensions.push_back(array.dimensions[d]);
  }
  return result;
}

// The axis along which something is repeated `count` times.
Axis repeating_axis(NodeReader& reader, std::int64_t count) {
  if (count == reader.setting().batch) return {Axis::Kind::batch, count};
  if (reader.setting().times.contains(count)) return {Axis::Kind::time, count};
  reader.fail("repeats a vector " + std::to_string(count) + " times, which is no length of a history");
}

GraphArray expanded(NodeReader& reader, const ExpressionArray& array, const Extents& to) {
  const Extents own = array.shape();
  const Extents shape = broadcast_shape(reader, own, to);
  ExpressionArray result = {std::vector<Dimension>(shape.size() - own.size()), array.expression};
  result.dimensions.insert(result.dimensions.end(), array.dimensions.begin(), array.dimensions.end());
  for (std::size_t d = 0; d < shape.size(); ++d) {
    if (extent_of(result.dimensions[d]) != shape[d]) result.dimensions[d] = {repeating_axis(reader, shape[d])};
  }
  return result;
}

GraphArray tiled(NodeReader& reader, ExpressionArray array) {
  const Extents repeats = reader.integers(1);
  if (repeats.size() != array.dimensions.size()) reader.fail("repeats along dimensions that its input has not");
  for (std::size_t d = 0; d < repeats.size(); ++d) {
    if (repeats[d] == 1) continue;
    array.dimensions[d].insert(array.dimensions[d].begin(), repeating_axis(reader, repeats[d]));
  }
  return array;
}

// Columns of an input with a row of ids for a history; or the outermost run of channels.
ExpressionArray cut(NodeReader& reader, const ExpressionArray& array, std::size_t d, std::int64_t begin,
                    std::int64_t count) {
  ExpressionArray result = array;
  const Expression* of = array.expression;
  const Dimension& dimension = array.dimensions[d];
  if (begin == 0 && count == extent_of(dimension)) return result;
  if (count < 1) reader.fail("leaves nothing");
  if (dimension.size() != 1 || dimension[0].kind == Axis::Kind::batch) reader.fail("takes some rows of a batch");
  const Axis axis = dimension[0];
  const auto first = static_cast<std::size_t>(begin), number = static_cast<std::size_t>(count);
  if (axis.kind == Axis::Kind::time) {
    if (of->kind != ExpressionKind::input) reader.fail("takes some behaviours of a history");
    if (count > 1) reader.setting().times.insert(count);
    result.expression = reader.make().input(of->name, of->begin + first, 1, count == 1 ? 0 : number);
  } else {
    const auto stride = static_cast<std::size_t>(axis.stride);
    if (stride * static_cast<std::size_t>(axis.extent) != of->width) reader.fail("takes some channels of every vector");
    result.expression = reader.make().slice(of, first * stride, number * stride);
  }
  result.dimensions[d] = count == 1 ? Dimension{} : Dimension{{axis.kind, count, axis.stride}};
  return result;
}

GraphArray sliced(NodeReader& reader, ExpressionArray array) {
  for (const Cut& part : cuts_of(reader, array.shape())) {
    if (part.step != 1) reader.fail("takes every " + std::to_string(part.step) + "th element");
    array = cut(reader, array, part.dimension, part.begin, part.count);
  }
  return array;
}

std::vector<GraphArray> split(NodeReader& reader, const ExpressionArray& array) {
  const std::size_t axis = reader.axis(0, array.dimensions.size());
  const std::int64_t whole = extent_of(array.dimensions[axis]);
  Extents sizes;
  if (reader.has(1)) {
    sizes = reader.integers(1);
  } else if (const GraphAttribute* given = reader.node().find("split")) {
    sizes = given->ints;
  } else {
    const auto outputs = static_cast<std::int64_t>(reader.node().outputs.size());
    sizes.assign(reader.node().outputs.size(), whole / outputs);
  }
  std::vector<GraphArray> parts;
  std::int64_t begin = 0;
  for (const std::int64_t size : sizes) {
    if (size < 1 || size > whole - begin) reader.fail("splits into parts that do not fit");
    parts.emplace_back(cut(reader, array, axis, begin, size));
    begin += size;
  }
  return parts;
}

// Channels along the dimension `axis` of the arrays follow each other.
GraphArray concatenated(NodeReader& reader) {
  std::vector<const Expression*> parts;
  std::optional<ExpressionArray> first;
  std::size_t axis = 0;
  std::int64_t extent = 0;
  for (std::size_t i = 0; i < reader.count(); ++i) {
    const ExpressionArray& array = reader.expression(i);
    if (!first) {
      first = array;
      axis = reader.axis(0, array.dimensions.size());
    }
    const std::size_t rank = first->dimensions.size();
    bool fits = array.dimensions.size() == rank;
    for (std::size_t d = 0; fits && d < rank; ++d) {
      fits = d == axis || array.dimensions[d] == first->dimensions[d];
    }
    if (!fits) reader.fail("puts arrays of different shapes side by side");
    const std::int64_t own = extent_of(array.dimensions[axis]);
    if (array.dimensions[axis].size() > 1 || (own > 1 && array.dimensions[axis][0].kind != Axis::Kind::channel)) {
      reader.fail("puts histories or batches behind each other");
    }
    extent += own;
    parts.push_back(array.expression);
  }
  if (!first) reader.fail("puts nothing side by side");
  if (parts.size() == 1) return *first;
  std::int64_t inner = 1;
  for (std::size_t d = 0; d < first->dimensions.size(); ++d) {
    for (const Axis& other : first->dimensions[d]) {
      if (d == axis || other.kind != Axis::Kind::channel) continue;
      if (d < axis) reader.fail("puts channels between the channels of others");
      inner *= other.extent;
    }
  }
  first->expression = reader.make().concat(parts);
  if (static_cast<std::int64_t>(first->expression->width) != extent * inner) {
    reader.fail("puts vectors side by side of which some are repeated");
  }
  first->dimensions[axis] = {{Axis::Kind::channel, extent, inner}};
  return *first;
}

GraphArray rows_of_table(NodeReader& reader, const Tensor& table) {
  if (table.shape.size() != 2 || reader.attribute("axis", 0) != 0) {
    reader.fail("looks up rows in a tensor of the shape " + table.shape_text() + "; a table has [rows, width]" +
                (table.shape.size() == 1 ? ", and ids that the graph looks up by other ids, such as the categories of "
                                           "items, have to be inputs of it"
                                         : ""));
  }
  ExpressionArray ids = as_history(reader, reader.expression(1));
  const std::int64_t width = table.shape[1];
  std::vector<const Expression*> fields = {ids.expression};
  if (ids.expression->kind == ExpressionKind::concat) fields = ids.expression->args;
  std::vector<const Expression*> rows;
  for (const Expression* field : fields) {
    if (field->width != 1) reader.fail("looks up several ids that are no history");
    rows.push_back(reader.make().rows(table.name, static_cast<std::size_t>(width), field));
  }
  for (Dimension& dimension : ids.dimensions) {
    for (Axis& axis : dimension) axis.stride *= axis.kind == Axis::Kind::channel ? width : 1;
  }
  ids.dimensions.push_back(width == 1 ? Dimension{} : Dimension{{Axis::Kind::channel, width, 1}});
  return ExpressionArray{ids.dimensions, reader.make().concat(rows)};
}

GraphArray gathered(NodeReader& reader) {
  if (const Tensor* table = reader.tensor(0)) return rows_of_table(reader, *table);
  if (!reader.is_expression(0)) reader.fail("looks up rows in a constant that was computed, not stored");
  ExpressionArray array = reader.expression(0);
  const std::size_t axis = reader.axis(0, array.dimensions.size());
  const Extents indices = reader.integers(1);
  if (indices.size() != 1) reader.fail("picks several elements of a vector");
  const std::int64_t index = indices[0] < 0 ? indices[0] + extent_of(array.dimensions[axis]) : indices[0];
  if (index < 0 || index >= extent_of(array.dimensions[axis])) reader.fail("reads behind the end of its input");
  array = cut(reader, array, axis, index, 1);
  if (reader.numbers(1).shape.empty())
    array.dimensions.erase(array.dimensions.begin() + static_cast<std::ptrdiff_t>(axis));
  return array;
}

GraphArray cast(NodeReader& reader, const ExpressionArray& array) {
  const std::int64_t to = reader.attribute("to", 1);
  if (to == 9) {  // to bool: whatever is not 0 becomes 1
    const ScalarOperation& negation = *find_scalar_operation("Not");
    return apply_elementwise(reader, negation, {apply_elementwise(reader, negation, {as_history(reader, array)})});
  }
  return to == 6 || to == 7 ? as_history(reader, array) : array;
}

}  // namespace

std::optional<std::vector<GraphArray>> move_expressions(NodeReader& reader) {
  const std::string& op = reader.node().op;
  const auto one = [](GraphArray array) { return std::vector<GraphArray>{std::move(array)}; };
  if (op == "Concat") return one(concatenated(reader));
  if (op == "Gather") return one(gathered(reader));
  if (!reader.is_expression(0)) return std::nullopt;
  const ExpressionArray& array = reader.expression(0);
  if (op == "Cast") return one(cast(reader, array));
  if (op == "Identity" || op == "Dropout") return one(array);
  if (op == "Transpose") return one(transposed(reader, array));
  if (op == "Reshape" || op == "Flatten" || op == "Squeeze" || op == "Unsqueeze") {
    return one(reshaped(reader, array, new_shape(reader, array.shape())));
  }
  if (op == "Expand") return one(expanded(reader, array, reader.integers(1)));
  if (op == "Tile") return one(tiled(reader, array));
  if (op == "Slice") return one(sliced(reader, array));
  if (op == "Split") return split(reader, array);
  return std::nullopt;
}

ExpressionArray as_history(NodeReader& reader, const ExpressionArray& array) {
  const Expression* of = array.expression;
  if (of->kind != ExpressionKind::input || of->width == 1) return array;
  ExpressionArray history = array;
  for (Dimension& dimension : history.dimensions) {
    for (Axis& axis : dimension) axis.kind = axis.kind == Axis::Kind::channel ? Axis::Kind::time : axis.kind;
  }
  reader.setting().times.insert(static_cast<std::int64_t>(of->width));
  history.expression = reader.make().input(of->name, of->begin, 1, of->width);
  return history;
}

}  // namespace dinghy::converter
