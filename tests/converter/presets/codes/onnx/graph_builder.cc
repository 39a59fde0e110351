#include "tests/converter/presets/codes/onnx/graph_builder.h"

#include <catch2/catch_test_macros.hpp>

#include "converter/error.h"
#include "converter/presets/presets.h"
#include "tests/converter/memory_tensor.h"

namespace dinghy::converter {
namespace {

std::vector<float> counting(std::size_t count, float first, float step) {
  std::vector<float> numbers;
  for (std::size_t i = 0; i < count; ++i) numbers.push_back(first + step * static_cast<float>(i));
  return numbers;
}

std::vector<float> transposed(const std::vector<float>& numbers, std::size_t rows, std::size_t cols) {
  std::vector<float> turned;
  for (std::size_t c = 0; c < cols; ++c) {
    for (std::size_t r = 0; r < rows; ++r) turned.push_back(numbers[r * cols + c]);
  }
  return turned;
}

std::string part_of(GraphBuilder& graph, const std::string& part, const std::string& q, const std::string& k) {
  if (part == "q") return q;
  if (part == "k") return k;
  if (part == "q-k") return graph.node("Sub", {q, k});
  if (part == "k-q") return graph.node("Sub", {k, q});
  return graph.node("Mul", {q, k});
}

std::string tower_layer(GraphBuilder& graph, const GraphForm& form, const std::string& name, const std::string& input,
                        std::size_t rows, std::size_t cols) {
  const auto r = static_cast<std::int64_t>(rows), c = static_cast<std::int64_t>(cols);
  const std::vector<float> numbers = counting(rows * cols, -0.3F, 0.07F);
  const std::string bias = graph.tensor(name + ".bias", {c}, counting(cols, 0.1F, 0.1F));
  if (form.gemm) {
    const std::string weight = graph.tensor(name + ".weight", {c, r}, transposed(numbers, rows, cols));
    return graph.node("Gemm", {input, weight, bias}, {int_attribute("transB", {1})});
  }
  const std::string weight = graph.tensor("onnx::" + name, {r, c}, numbers);
  return graph.node("Add", {bias, graph.node("MatMul", {input, weight})});
}

std::string interest(GraphBuilder& graph, const GraphForm& form, const std::string& item, const std::string& keys) {
  const std::string query = graph.node("Unsqueeze", {item, graph.integers({1})});
  const std::string queries = graph.node("Expand", {query, graph.integers({1, kGraphHistory, 1})});
  std::vector<std::string> parts;
  for (const std::string& part : form.parts) parts.push_back(part_of(graph, part, queries, keys));
  const std::string input = graph.node("Concat", parts, {int_attribute("axis", {-1})});
  const auto width = static_cast<std::int64_t>(form.parts.size() * kGraphWidth);
  const std::string w1 = graph.tensor("w1", {width, kGraphHidden}, counting(form.parts.size() * 4, 0.1F, 0.05F));
  const std::string hidden =
      graph.node("Add", {graph.node("MatMul", {input, w1}), graph.tensor("b1", {kGraphHidden}, {0.2F, -0.1F})});
  const std::string activated =
      form.attention_activation ? form.attention_activation(graph, {hidden}) : graph.node("Sigmoid", {hidden});
  const std::string w2 = graph.tensor("w2", {kGraphHidden, 1}, {0.7F, -0.4F});
  const std::string logit = graph.node("Add", {graph.node("MatMul", {activated, w2}), graph.tensor("b2", {1}, {0.3F})});
  const std::string score = graph.node("Squeeze", {logit, graph.integers({-1})});
  std::string weights;
  if (form.weights) {
    weights = form.weights(graph, {score, "hist_item"});
  } else {
    const std::string same = graph.node("Equal", {"hist_item", graph.integers({0})});
    const std::string mask = graph.node("Cast", {graph.node("Not", {same})}, {int_attribute("to", {1})});
    weights = graph.node("Mul", {score, mask});
  }
  const std::string column = graph.node("Unsqueeze", {weights, graph.integers({-1})});
  return graph.node("ReduceSum", {graph.node("Mul", {column, keys}), graph.integers({1})},
                    {int_attribute("keepdims", {0})});
}

}  // namespace

GraphAttribute int_attribute(const std::string& name, std::vector<std::int64_t> numbers) {
  GraphAttribute attribute;
  attribute.name = name;
  attribute.ints = std::move(numbers);
  return attribute;
}

GraphAttribute float_attribute(const std::string& name, double number) {
  GraphAttribute attribute;
  attribute.name = name;
  attribute.floats = {number};
  return attribute;
}

std::string GraphBuilder::new_name(const std::string& op) const {
  return op + "_" + std::to_string(graph_.nodes.size() + tensors_.size());
}

std::string GraphBuilder::node(const std::string& op, const std::vector<std::string>& inputs,
                               const std::vector<GraphAttribute>& attributes) {
  const std::string name = new_name(op);
  graph_.nodes.push_back({op, name, inputs, {name}, attributes});
  return name;
}

std::string GraphBuilder::tensor(const std::string& name, std::vector<std::int64_t> shape,
                                 const std::vector<float>& numbers) {
  tensors_.push_back(memory_tensor(name, std::move(shape), numbers));
  return name;
}

std::string GraphBuilder::integers(const std::vector<float>& numbers) {
  return tensor(new_name("integers"), {static_cast<std::int64_t>(numbers.size())}, numbers);
}

std::string GraphBuilder::number(float value) { return tensor(new_name("number"), {}, {value}); }

void GraphBuilder::input(const std::string& name, bool integer, std::vector<std::int64_t> shape, bool truth) {
  graph_.inputs.push_back({.name = name, .integer = integer, .shape = std::move(shape), .truth = truth});
}

Checkpoint GraphBuilder::checkpoint(const std::string& output) const {
  Checkpoint checkpoint = memory_checkpoint(tensors_);
  checkpoint.path = "din.onnx";
  checkpoint.format = "ONNX";
  auto graph = std::make_shared<Graph>(graph_);
  graph->outputs = {output};
  graph->opset = 17;
  checkpoint.graph = graph;
  return checkpoint;
}

Checkpoint graph_of_din(const GraphForm& form) {
  GraphBuilder graph;
  graph.input("item", true, {-1});
  graph.input("hist_item", true, {-1, kGraphHistory});
  const std::string table = graph.tensor("items.weight", {4, kGraphWidth}, counting(8, -0.4F, 0.1F));
  const std::string item = graph.node("Gather", {table, "item"});
  const std::string keys = graph.node("Gather", {table, "hist_item"});
  const std::string pooled =
      form.interest ? form.interest(graph, {item, keys, "hist_item"}) : interest(graph, form, item, keys);
  const std::string input = graph.node("Concat", {item, pooled}, {int_attribute("axis", {1})});
  std::string hidden = tower_layer(graph, form, "tower_0", input, 4, 4);
  if (form.tower_norm) hidden = form.tower_norm(graph, {hidden});
  const std::string logit = tower_layer(graph, form, "tower_1", graph.node("Relu", {hidden}), 4, 1);
  return graph.checkpoint(form.output ? form.output(graph, {logit}) : graph.node("Sigmoid", {logit}));
}

GraphForm with_weights(GraphForm::Step weights) {
  GraphForm form;
  form.weights = std::move(weights);
  return form;
}

std::string padding(GraphBuilder& graph, const std::string& ids) {
  return graph.node("Equal", {ids, graph.integers({0})});
}

std::string softmax(GraphBuilder& graph, const std::string& logits) {
  return graph.node("Softmax", {logits}, {int_attribute("axis", {-1})});
}

Conversion converted(const Checkpoint& checkpoint, const Recipe& recipe) {
  Conversion conversion(checkpoint, recipe);
  build_network(conversion, choose_preset(checkpoint, recipe));
  return conversion;
}

Network built(const Checkpoint& checkpoint, const std::string& recipe_text) {
  const Recipe recipe = parse_recipe(recipe_text, "recipe.toml");
  return converted(checkpoint, recipe).network;
}

std::string error_of(const Checkpoint& checkpoint, const std::string& recipe_text) {
  try {
    built(checkpoint, recipe_text);
  } catch (const Error& error) {
    return error.what();
  }
  FAIL("no error");
  return "";
}

}  // namespace dinghy::converter
