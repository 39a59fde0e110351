// One node of a graph with the arrays that it reads.
#pragma once

#include <map>
#include <set>

#include "converter/presets/codes/onnx/array.h"

namespace dinghy::converter {

/// What all nodes of a graph have in common.
struct GraphSetting {
  std::string path;
  std::int64_t opset = 0;
  std::int64_t batch = 1;        // the extent that stands for any number of rows
  std::set<std::int64_t> times;  // extents of histories
  std::set<std::string> marks;   // inputs of floats that have one number for each place of a history, as masks do
  Expressions* expressions = nullptr;
  std::map<const Tensor*, NumberArray> loaded;
  std::int64_t numbers_left = 1 << 26;  // how many more numbers the graph's constants may have
};

/// "node "/attention/MatMul" (MatMul)", for errors.
std::string place_of(const GraphNode& node);

class NodeReader {
 public:
  NodeReader(const GraphNode& node, std::vector<const GraphArray*> inputs, GraphSetting& setting)
      : node_(node), inputs_(std::move(inputs)), setting_(setting) {}

  const GraphNode& node() const { return node_; }
  GraphSetting& setting() { return setting_; }
  Expressions& make() { return *setting_.expressions; }

  std::size_t count() const { return inputs_.size(); }
  bool has(std::size_t input) const { return input < inputs_.size() && inputs_[input]; }
  bool is_expression(std::size_t input) const;
  /// True when every input is known numbers.
  bool all_numbers() const;
  /// Throws Error when the input is no such array.
  const NumberArray& numbers(std::size_t input);
  const ExpressionArray& expression(std::size_t input) const;
  /// An initialiser that nothing has loaded, as tables are; else nullptr.
  const Tensor* tensor(std::size_t input) const;
  Extents integers(std::size_t input);

  std::int64_t attribute(const std::string& name, std::int64_t otherwise) const;
  double number_attribute(const std::string& name, double otherwise) const;
  /// The axes in the attribute, as up to opset 12 (for reductions 17), or in an input; nullopt: none are given.
  std::optional<Extents> axes(std::size_t input);
  /// The attribute "axis" as a place in a shape of `rank` dimensions.
  std::size_t axis(std::int64_t otherwise, std::size_t rank) const;
  std::size_t place(std::int64_t axis, std::size_t rank) const;

  /// Takes from what the graph's constants may still have; for results of a stated shape.
  void spend(const Extents& shape);
  /// "model.onnx: node "/attention/MatMul" (MatMul): what", an Error.
  [[noreturn]] void fail(const std::string& what) const;

 private:
  const GraphNode& node_;
  std::vector<const GraphArray*> inputs_;
  GraphSetting& setting_;
};

}  // namespace dinghy::converter
