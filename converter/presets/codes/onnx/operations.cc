#include "converter/presets/codes/onnx/operations.h"

#include <algorithm>

namespace dinghy::converter {
namespace {

// Clip(x, low, high)
GraphArray clip(NodeReader& reader) {
  GraphArray result = reader.expression(0);
  const auto bound = [&](std::size_t input, const char* attribute, const char* operation) {
    const bool given = reader.has(input) || reader.node().find(attribute);
    if (!given) return;
    const NumberArray limit =
        reader.has(input) ? reader.numbers(input) : NumberArray{{}, {reader.number_attribute(attribute, 0)}, false};
    result = apply_elementwise(reader, *find_scalar_operation(operation), {result, limit});
  };
  bound(1, "min", "Max");
  bound(2, "max", "Min");
  return result;
}

std::vector<GraphArray> operands_of(NodeReader& reader) {
  std::vector<GraphArray> operands;
  for (std::size_t i = 0; i < reader.count(); ++i) {
    operands.push_back(reader.is_expression(i) ? GraphArray(reader.expression(i)) : GraphArray(reader.numbers(i)));
  }
  return operands;
}

std::optional<GraphArray> compute_elementwise(NodeReader& reader) {
  const std::string& op = reader.node().op;
  if (op == "Clip") return clip(reader);
  if (op == "LeakyRelu") {
    const NumberArray slope = {{}, {reader.number_attribute("alpha", 0.01)}, false};
    return apply_elementwise(reader, *find_scalar_operation("PRelu"), {reader.expression(0), slope});
  }
  const ScalarOperation* operation = find_scalar_operation(op == "Sum" ? "Add" : op);
  if (!operation) return std::nullopt;
  std::vector<GraphArray> operands = operands_of(reader);
  const bool variadic = op == "Sum" || op == "Max" || op == "Min";
  if (variadic && !operands.empty()) {
    GraphArray result = operands[0];
    for (std::size_t i = 1; i < operands.size(); ++i)
      result = apply_elementwise(reader, *operation, {result, operands[i]});
    return result;
  }
  if (operands.size() != static_cast<std::size_t>(operation->operands)) reader.fail("has a wrong number of inputs");
  return apply_elementwise(reader, *operation, std::move(operands));
}

GraphArray shape_of(NodeReader& reader) {
  if (!reader.has(0)) reader.fail("has no input");
  Extents shape = reader.is_expression(0) ? reader.expression(0).shape()
                  : reader.tensor(0)      ? reader.tensor(0)->shape
                                          : reader.numbers(0).shape;
  const auto rank = static_cast<std::int64_t>(shape.size());
  const auto inside = [&](std::int64_t at) { return std::clamp<std::int64_t>(at < 0 ? at + rank : at, 0, rank); };
  const std::int64_t begin = inside(reader.attribute("start", 0));
  const std::int64_t end = std::max(begin, inside(reader.attribute("end", rank)));
  NumberArray result = {{end - begin}, {}, true};
  for (std::int64_t d = begin; d < end; ++d)
    result.numbers.push_back(static_cast<double>(shape[static_cast<std::size_t>(d)]));
  return result;
}

}  // namespace

std::vector<GraphArray> compute(NodeReader& reader) {
  if (reader.node().op == "Shape") return {shape_of(reader)};
  if (auto moved = reader.all_numbers() ? move_numbers(reader) : move_expressions(reader)) return std::move(*moved);
  if (auto result = compute_elementwise(reader)) return {std::move(*result)};
  if (auto result = compute_layer(reader)) return {std::move(*result)};
  reader.fail("is an operation that no Deep Interest Network known here has");
}

}  // namespace dinghy::converter
