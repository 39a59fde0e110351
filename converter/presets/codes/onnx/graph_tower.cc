#include "converter/presets/codes/onnx/graph_tower.h"

#include <algorithm>

#include "converter/presets/codes/onnx/layer_stack.h"
#include "converter/presets/codes/onnx/probe.h"
#include "converter/presets/features.h"

namespace dinghy::converter {
namespace {

class Tower {
 public:
  Tower(const GraphConversion& graph, GraphFeatures& features, GraphInterests& interests)
      : graph_(graph), features_(features), interests_(interests) {}

  void add(const Expression* logits) {
    LayerStack stack = take_layers_off(graph_, logits);
    if (stack.layers.empty()) graph_.fail(logits, "is no layer of a tower");
    network().tower = std::move(stack.layers);
    network().tower_parts = parts_of(stack.input);
  }

 private:
  Network& network() { return graph_.conversion.network; }

  std::vector<Part> parts_of(const Expression* input) {
    std::vector<Part> parts;
    for (const Piece& piece : pieces_of(input)) {
      const std::vector<Operand> left = operands_of(piece.left, piece.left_begin, piece.width);
      if (piece.kind == Piece::Kind::single) {
        for (const Operand& operand : left) parts.push_back({operand, {}});
        continue;
      }
      if (piece.kind == Piece::Kind::difference) graph_.fail(input, "takes the difference of two vectors");
      multiply(input, left, operands_of(piece.right, piece.right_begin, piece.width), parts);
    }
    return parts;
  }

  void multiply(const Expression* at, const std::vector<Operand>& left, const std::vector<Operand>& right,
                std::vector<Part>& parts) {
    if (left.size() != right.size()) graph_.fail(at, "multiplies vectors that are cut at different places");
    for (std::size_t i = 0; i < left.size(); ++i) {
      if (left[i].width != right[i].width) graph_.fail(at, "multiplies vectors that are cut at different places");
      parts.push_back({left[i], right[i]});
    }
  }

  std::vector<Operand> operands_of(const Expression* vector, std::size_t begin, std::size_t width) {
    const auto operand = [&](format::Source source, std::uint32_t index) {
      return Operand{source, index, static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(width), 0};
    };
    if (vector->kind == ExpressionKind::time_sum) return interests_.operands_of(vector, begin, width);
    if (vector->kind == ExpressionKind::rows && vector->time == 0) {
      return {operand(format::Source::feature, features_.id_feature(vector, format::Role::user))};
    }
    if (vector->kind == ExpressionKind::input && vector->time == 0) return dense_operands(vector);
    if (std::vector<Operand> mean = interests_.mean_operands_of(vector, begin, width); !mean.empty()) return mean;
    const auto known = layered_.find(vector);
    Operand result = known != layered_.end() ? known->second : layered(vector);
    layered_[vector] = result;
    result.begin = static_cast<std::uint32_t>(begin);
    result.width = static_cast<std::uint32_t>(width);
    return {result};
  }

  std::vector<Operand> dense_operands(const Expression* columns) {
    std::vector<Operand> operands;
    for (const std::uint32_t feature : features_.dense_features(columns)) {
      operands.push_back({format::Source::feature, feature, 0, network().features.at(feature).width, 0});
    }
    return operands;
  }

  // Layers below the tower: on dense numbers, behind an interest, or an MLP of its own.
  Operand layered(const Expression* vector) {
    LayerStack stack = take_layers_off(graph_, vector);
    if (stack.layers.empty()) graph_.fail(vector, "is no row of a table, no interest and no layer on them");
    const auto width = static_cast<std::uint32_t>(vector->width);
    if (stack.input->kind == ExpressionKind::input && stack.layers.size() == 1) {
      const std::vector<std::uint32_t> features = features_.dense_features(stack.input);
      Feature& feature = network().features.at(features[0]);
      if (features.size() == 1 && !feature.projection) {
        feature.projection = stack.layers[0];
        feature.width = width;
        return {format::Source::feature, features[0], 0, width, 0};
      }
      graph_.fail(vector, "is a layer on several dense features, or a second one on the same");
    }
    if (stack.input->kind == ExpressionKind::time_sum) {
      if (const auto operand = interests_.with_post_layers(stack.input, stack.layers)) return *operand;
    }
    Mlp mlp;
    mlp.parts = parts_of(stack.input);
    mlp.layers = std::move(stack.layers);
    mlp.name = "mlp_" + std::to_string(network().mlps.size() + 1);
    network().mlps.push_back(std::move(mlp));
    return {format::Source::mlp, static_cast<std::uint32_t>(network().mlps.size() - 1), 0, width, 0};
  }

  const GraphConversion& graph_;
  GraphFeatures& features_;
  GraphInterests& interests_;
  std::map<const Expression*, Operand> layered_;
};

// Numbers per id that are added to the logit, and the rest of the sum.
struct Logit {
  std::vector<const Expression*> biases;
  const Expression* rest = nullptr;
};

bool is_bias(const Expression* e) { return e->kind == ExpressionKind::rows && e->width == 1 && e->time == 0; }

Logit split_biases(const GraphConversion& graph, const Expression* logit) {
  Logit result{{}, logit};
  while (result.rest->kind == ExpressionKind::elementwise && result.rest->operation->name == std::string("Add")) {
    const Expression *left = result.rest->args[0], *right = result.rest->args[1];
    if (is_bias(left)) std::swap(left, right);
    if (!is_bias(right)) break;
    if (is_bias(left)) graph.fail(logit, "adds biases alone, without a tower");
    result.biases.push_back(right);
    result.rest = left;
  }
  return result;
}

void report_output(const GraphConversion& graph, const char* what) {
  graph.conversion.found("score", what, Certainty::file);
}

// The logits below the output, with the head set to what makes the score of them.
const Expression* logits_of(const GraphConversion& graph) {
  const Expression* score = graph.score.expression;
  Head& head = graph.conversion.network.head;
  if (score->kind == ExpressionKind::slice && score->args[0]->kind == ExpressionKind::classes && score->width == 1 &&
      score->args[0]->width == 2) {
    head.positive_class = static_cast<std::uint8_t>(score->begin);
    report_output(graph, score->begin == 0 ? "softmax of two logits, class 0" : "softmax of two logits, class 1");
    return score->args[0]->args[0];
  }
  if (score->width != 1) {
    graph.fail(score, "gives " + std::to_string(score->width) +
                          " numbers for a candidate; export the graph with the probability of a click as its output");
  }
  if (score->kind == ExpressionKind::elementwise && score->operation->name == std::string("Sigmoid")) {
    report_output(graph, "sigmoid of the logit");
    return score->args[0];
  }
  head.link = format::Link::identity;
  report_output(graph, "the logit itself, as the graph gives it");
  return score;
}

}  // namespace

void add_graph_tower(const GraphConversion& graph) {
  const Logit logit = split_biases(graph, logits_of(graph));
  GraphFeatures features(graph);
  GraphInterests interests(graph, features, graph.score.expression);
  Tower(graph, features, interests).add(logit.rest);
  for (const Expression* bias : logit.biases) {
    const auto& known = graph.conversion.network.features;
    const std::uint32_t feature = features.feature_of_ids(bias);
    if (feature >= known.size()) graph.fail(bias, "adds a number for ids that no feature has");
    add_bias(graph.conversion, bias->name, feature);
  }
  features.check_mask();
}

}  // namespace dinghy::converter
