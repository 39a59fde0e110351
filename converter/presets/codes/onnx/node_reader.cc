#include "converter/presets/codes/onnx/node_reader.h"

#include <algorithm>
#include <cmath>

#include "converter/error.h"
#include "converter/text/quotes.h"

namespace dinghy::converter {
namespace {

// Exporters write the largest number for "to the end".
std::int64_t to_integer(double number) {
  constexpr double kLimit = 1e15;
  return static_cast<std::int64_t>(std::clamp(std::trunc(number), -kLimit, kLimit));
}

}  // namespace

std::string place_of(const GraphNode& node) {
  const std::string& name = node.name.empty() && !node.outputs.empty() ? node.outputs[0] : node.name;
  return "node " + in_quotes(name) + " (" + node.op + ")";
}

bool NodeReader::is_expression(std::size_t input) const {
  return has(input) && std::holds_alternative<ExpressionArray>(*inputs_[input]);
}

bool NodeReader::all_numbers() const {
  for (std::size_t i = 0; i < inputs_.size(); ++i) {
    if (is_expression(i)) return false;
  }
  return true;
}

const Tensor* NodeReader::tensor(std::size_t input) const {
  const auto* tensor = has(input) ? std::get_if<const Tensor*>(inputs_[input]) : nullptr;
  return tensor ? *tensor : nullptr;
}

const NumberArray& NodeReader::numbers(std::size_t input) {
  if (!has(input) || is_expression(input)) fail("needs a constant as its input " + std::to_string(input + 1));
  const Tensor* stored = tensor(input);
  if (!stored) return std::get<NumberArray>(*inputs_[input]);
  const auto [place, fresh] = setting_.loaded.try_emplace(stored);
  if (fresh) {
    spend(stored->shape);
    place->second = {stored->shape, stored->values(),
                     stored->dtype != DType::f16 && stored->dtype != DType::bf16 && stored->dtype != DType::f32 &&
                         stored->dtype != DType::f64};
  }
  return place->second;
}

const ExpressionArray& NodeReader::expression(std::size_t input) const {
  if (!is_expression(input)) fail("has only constants where ids or vectors were expected");
  return std::get<ExpressionArray>(*inputs_[input]);
}

Extents NodeReader::integers(std::size_t input) {
  Extents result;
  for (const double number : numbers(input).numbers) result.push_back(to_integer(number));
  return result;
}

std::int64_t NodeReader::attribute(const std::string& name, std::int64_t otherwise) const {
  const GraphAttribute* found = node_.find(name);
  return found && !found->ints.empty() ? found->ints[0] : otherwise;
}

double NodeReader::number_attribute(const std::string& name, double otherwise) const {
  const GraphAttribute* found = node_.find(name);
  return found && !found->floats.empty() ? found->floats[0] : otherwise;
}

std::optional<Extents> NodeReader::axes(std::size_t input) {
  if (has(input)) return integers(input);
  const GraphAttribute* found = node_.find("axes");
  return found ? std::optional(found->ints) : std::nullopt;
}

std::size_t NodeReader::axis(std::int64_t otherwise, std::size_t rank) const {
  return place(attribute("axis", otherwise), rank);
}

std::size_t NodeReader::place(std::int64_t axis, std::size_t rank) const {
  const auto count = static_cast<std::int64_t>(rank);
  if (axis < -count || axis >= count) fail("has the axis " + std::to_string(axis) + ", which its input has not");
  return static_cast<std::size_t>(axis < 0 ? axis + count : axis);
}

void NodeReader::spend(const Extents& shape) {
  std::int64_t count = 1;
  for (const std::int64_t extent : shape) {
    if (extent < 0 || __builtin_mul_overflow(count, std::max<std::int64_t>(extent, 1), &count)) count = INT64_MAX;
    if (count > setting_.numbers_left) fail("makes constants of more numbers than any Deep Interest Network has");
  }
  setting_.numbers_left -= count;
}

void NodeReader::fail(const std::string& what) const { throw Error(setting_.path + ": " + place_of(node_), what); }

}  // namespace dinghy::converter
