// What is pooled: sums and means without an attention, and layers on the behaviours that the engine does not need.
#include <catch2/catch_approx.hpp>
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "converter/explanation/graph_inputs.h"
#include "tests/converter/presets/codes/onnx/graph_builder.h"

using Catch::Approx;
using Catch::Matchers::ContainsSubstring;

namespace dinghy::converter {
namespace {

using Names = std::vector<std::string>;

GraphForm with_interest(GraphForm::Step interest) {
  GraphForm form;
  form.interest = std::move(interest);
  return form;
}

std::string marks(GraphBuilder& graph, const std::string& ids) {
  const std::string real = graph.node("Cast", {graph.node("Not", {padding(graph, ids)})}, {int_attribute("to", {1})});
  return graph.node("Unsqueeze", {real, graph.integers({-1})});
}

std::string sum(GraphBuilder& graph, const std::string& of) {
  return graph.node("ReduceSum", {of, graph.integers({1})}, {int_attribute("keepdims", {0})});
}

std::string masked_sum(GraphBuilder& graph, const Names& x) {
  return sum(graph, graph.node("Mul", {x[1], marks(graph, x[2])}));
}

using Divisor = std::function<std::string(GraphBuilder&, const std::string&)>;  // of the number of behaviours

Checkpoint graph_of_mean(const Divisor& divisor) {
  return graph_of_din(with_interest([divisor](GraphBuilder& graph, const Names& x) {
    return graph.node("Div", {masked_sum(graph, x), divisor(graph, sum(graph, marks(graph, x[2])))});
  }));
}

std::string layer(GraphBuilder& graph, const std::string& name, const std::string& of, bool bias) {
  const std::string weight = graph.tensor(name + ".weight", {2, 2}, {0.5F, -0.25F, 0.125F, 1});
  const std::string product = graph.node("MatMul", {of, weight});
  return bias ? graph.node("Add", {product, graph.tensor(name + ".bias", {2}, {0.5F, -1})}) : product;
}

struct DotForm {
  bool key_bias = true, value = true, value_bias = true, softmax = true;
};

// q . key(k) / 2, and the sum of the weights times value(k).
Checkpoint graph_of_dot(const DotForm& form) {
  return graph_of_din(with_interest([form](GraphBuilder& graph, const Names& x) {
    const std::string keys = layer(graph, "key", x[1], form.key_bias);
    const std::string query = graph.node("Unsqueeze", {x[0], graph.integers({1})});
    const std::string product = graph.node("Mul", {query, keys});
    const std::string score =
        graph.node("ReduceSum", {product, graph.integers({-1})}, {int_attribute("keepdims", {0})});
    const std::string logits = graph.node("Div", {score, graph.number(2)});
    const std::string pads = padding(graph, x[2]);
    const std::string weights = form.softmax ? softmax(graph, graph.node("Where", {pads, graph.number(-1e9F), logits}))
                                             : graph.node("Where", {pads, graph.number(0), logits});
    const std::string values = form.value ? layer(graph, "value", x[1], form.value_bias) : x[1];
    return sum(graph, graph.node("Mul", {graph.node("Unsqueeze", {weights, graph.integers({-1})}), values}));
  }));
}

const Operand& pooled(const Network& network) { return network.tower_parts.at(1).operand; }

}  // namespace

TEST_CASE("A sum over the history shares the feature of the candidate by their table", "[presets]") {
  const Network network = built(graph_of_din(with_interest(masked_sum)));
  CHECK(pooled(network).source == format::Source::history_sum);
  CHECK(pooled(network).pad_to == 0);
  REQUIRE(network.features.size() == 1);
  CHECK(network.features[0].role == format::Role::candidate);
  CHECK(network.features[0].sequence == 0);
  const Network separate = built(graph_of_din(with_interest(masked_sum)), "[inputs]\nuser = [\"item\"]\n");
  CHECK(separate.features.size() == 2);
}

TEST_CASE("A sum divided by the number of behaviours is their mean", "[presets]") {
  const Divisor divisors[] = {
      [](GraphBuilder&, const std::string& count) { return count; },
      [](GraphBuilder& graph, const std::string& count) { return graph.node("Max", {count, graph.number(1)}); },
      [](GraphBuilder& graph, const std::string& count) { return graph.node("Add", {count, graph.number(1e-8F)}); }};
  for (const Divisor& divisor : divisors) {
    const Network network = built(graph_of_mean(divisor));
    CHECK(pooled(network).source == format::Source::history_mean);
    CHECK(network.sequences.at(0).mask == format::Mask::first_id);
  }
}

TEST_CASE("A sum that is divided by something else is no mean", "[presets]") {
  CHECK_THAT(error_of(graph_of_mean([](GraphBuilder& graph, const std::string& count) {
               return graph.node("Add", {count, graph.number(1)});
             })),
             ContainsSubstring("(Div): is no row of a table, no interest and no layer on them"));
  const Checkpoint other = graph_of_din(with_interest([](GraphBuilder& graph, const Names& x) {
    graph.input("mask", true, {-1, kGraphHistory}, true);
    const std::string real = graph.node("Cast", {"mask"}, {int_attribute("to", {1})});
    const std::string count = sum(graph, graph.node("Unsqueeze", {real, graph.integers({-1})}));
    return graph.node("Div", {masked_sum(graph, x), count});
  }));
  CHECK_THAT(error_of(other), ContainsSubstring("something else than the number of behaviours in it"));
}

// Two public DINs, as both exporters of PyTorch write them.
TEST_CASE("onnx: categories that the graph looks up by items are refused by name", "[presets]") {
  const std::string error = error_of(graph_of_din(with_interest([](GraphBuilder& graph, const Names& x) {
    const std::string categories = graph.node("Gather", {graph.integers({0, 1, 1, 2}), x[2]});
    const std::string table = graph.tensor("categories.weight", {3, 2}, {0, 1, 2, 3, 4, 5});
    return sum(graph, graph.node("Mul", {graph.node("Gather", {table, categories}), marks(graph, x[2])}));
  })));
  CHECK_THAT(error, ContainsSubstring("(Gather): looks up rows in a tensor of the shape [4]") &&
                        ContainsSubstring("have to be inputs of it"));
}

TEST_CASE("onnx: a mean by a mask and a length that are inputs is refused by name", "[presets]") {
  const std::string error = error_of(graph_of_din(with_interest([](GraphBuilder& graph, const Names& x) {
    graph.input("mask", false, {-1, kGraphHistory});
    graph.input("len", true, {-1});
    const std::string row = graph.node("Unsqueeze", {"mask", graph.integers({1})});
    const std::string total = graph.node("Squeeze", {graph.node("MatMul", {row, x[1]}), graph.integers({1})});
    const std::string length = graph.node("Cast", {"len"}, {int_attribute("to", {1})});
    return graph.node("Div", {total, graph.node("Unsqueeze", {length, graph.integers({1})})});
  })));
  CHECK_THAT(error,
             ContainsSubstring("(MatMul): multiplies two computed arrays in a way that neither pools a history"));
}

TEST_CASE("A layer on the keys of a dot product is one on the query", "[presets]") {
  const Network network = built(graph_of_dot({.value = false}));
  const Interest& interest = network.interests.at(0);
  CHECK(interest.score == format::Score::dot);
  CHECK(interest.scale == 0.5);
  REQUIRE(interest.query_layers.size() == 1);
  const Matrix& turned = interest.query_layers[0].weight;
  CHECK(turned.at(0, 1) == Approx(0.125));
  CHECK(turned.at(1, 0) == Approx(-0.25));
  CHECK(interest.post_layers.empty());
}

TEST_CASE("A layer on the values is one behind the pooling", "[presets]") {
  const Network network = built(graph_of_dot({}));
  REQUIRE(network.interests.at(0).post_layers.size() == 1);
  CHECK(network.interests[0].post_layers[0].bias.at(1) == Approx(-1));
  CHECK(built(graph_of_dot({.key_bias = false, .value_bias = false, .softmax = false})).interests.size() == 1);
}

TEST_CASE("A bias on behaviours is refused where the weights do not add up", "[presets]") {
  CHECK_THAT(error_of(graph_of_dot({.value = false, .softmax = false})),
             ContainsSubstring("compares with a layer with a bias on the behaviours"));
  CHECK_THAT(error_of(graph_of_dot({.key_bias = false, .softmax = false})),
             ContainsSubstring("whose weights do not always add up to 1"));
}

TEST_CASE("A report says what the inputs of a graph became", "[presets]") {
  const Recipe recipe;
  const Checkpoint checkpoint = graph_of_din(with_weights([](GraphBuilder& graph, const Names& x) {
    graph.input("mask", true, {-1, kGraphHistory}, true);
    graph.input("unused", true, {-1});
    return graph.node("Where", {"mask", graph.number(0), x[0]});
  }));
  const Conversion conversion = converted(checkpoint, recipe);
  const auto inputs = graph_inputs_json(conversion);
  REQUIRE(inputs.size() == 4);
  CHECK(inputs[0]["role"] == "candidate");
  CHECK(inputs[1]["becomes"] == "history");
  CHECK(inputs[1]["feature"] == "item");
  CHECK(inputs[1]["padding_id"].is_null());
  CHECK(inputs[2]["behaviours_at"] == 0);
  CHECK(inputs[3]["becomes"].is_null());
  CHECK_THAT(graph_inputs_text(conversion), ContainsSubstring("behaviours where it is 0; requests do without it"));
}

}  // namespace dinghy::converter
