// What exporters write in different ways, and what codes do that the golden cases do not have.
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <cmath>
#include <limits>

#include "tests/converter/presets/codes/onnx/graph_builder.h"

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::WithinAbs;

namespace dinghy::converter {
namespace {

using Names = std::vector<std::string>;

void check_same(const Vector& a, const Vector& b) {
  REQUIRE(a.size() == b.size());
  for (std::size_t i = 0; i < a.size(); ++i) CHECK_THAT(a[i], WithinAbs(b[i], 1e-6));
}

GraphForm with_activation(GraphForm::Step activation) {
  GraphForm form;
  form.attention_activation = std::move(activation);
  return form;
}

}  // namespace

TEST_CASE("A graph's names, history and attention become the network's", "[presets]") {
  const Network network = built(graph_of_din());
  REQUIRE(network.features.size() == 1);
  CHECK(network.features[0].name == "item");
  CHECK(network.features[0].sequence == 0);
  CHECK(network.sequences.at(0).max_length == kGraphHistory);
  CHECK(network.sequences.at(0).mask == format::Mask::first_id);
  const Interest& interest = network.interests.at(0);
  CHECK(interest.normalizer == format::Normalizer::raw);
  CHECK(interest.empty == format::EmptyHistory::zero);
  CHECK(interest.layers.at(0).activation.kind == format::ActivationKind::sigmoid);
  check_same(interest.layers.at(0).bias, {0.2, -0.1});
  check_same(interest.layers.at(1).weight.values, {0.7, -0.4});
  CHECK(network.tower_parts.size() == 2);
  CHECK(network.tower.at(0).activation.kind == format::ActivationKind::relu);
}

TEST_CASE("Trap 25: an exporter's folded and transposed weights mean what they meant, square ones too", "[presets]") {
  GraphForm gemm;
  gemm.gemm = true;
  const Network by_gemm = built(graph_of_din(gemm)), by_mat_mul = built(graph_of_din());
  REQUIRE(by_gemm.tower.at(0).weight.rows == by_gemm.tower.at(0).weight.cols);
  check_same(by_gemm.tower.at(0).weight.values, by_mat_mul.tower.at(0).weight.values);
  CHECK_THAT(by_gemm.tower.at(0).weight.at(0, 1), WithinAbs(-0.23, 1e-6));  // [in][out]
  check_same(by_gemm.tower.at(0).bias, by_mat_mul.tower.at(0).bias);
}

TEST_CASE("Trap 10: parts of an attention in any order and with any sign are those of q, k, q-k, q*k", "[presets]") {
  const Network standard = built(graph_of_din());
  GraphForm form;
  form.parts = {"k-q", "q*k", "k", "q"};
  const Matrix turned = built(graph_of_din(form)).interests.at(0).layers.at(0).weight;
  const Matrix& weight = standard.interests.at(0).layers.at(0).weight;  // rows as they stand in the file
  const auto row = [](const Matrix& matrix, std::size_t r) { return Vector{matrix.at(r, 0), matrix.at(r, 1)}; };
  for (std::size_t i = 0; i < kGraphWidth; ++i) {
    check_same(row(turned, 4 + i), {-weight.at(i, 0), -weight.at(i, 1)});  // q-k from k-q
    check_same(row(turned, 6 + i), row(weight, 2 + i));
    check_same(row(turned, 2 + i), row(weight, 4 + i));
    check_same(row(turned, i), row(weight, 6 + i));
  }
}

TEST_CASE("Batch norm of a graph is folded into its layer, as an exporter would have folded it", "[presets]") {
  GraphForm form;
  form.tower_norm = [](GraphBuilder& graph, const Names& x) {
    return graph.node("BatchNormalization",
                      {x[0], graph.tensor("gamma", {4}, {2, 1, 1, 1}), graph.tensor("beta", {4}, {0.5F, 0, 0, 0}),
                       graph.tensor("mean", {4}, {1, 0, 0, 0}), graph.tensor("var", {4}, {3, 1, 1, 1})},
                      {float_attribute("epsilon", 1)});
  };
  const Layer plain = built(graph_of_din()).tower.at(0), normed = built(graph_of_din(form)).tower.at(0);
  CHECK_THAT(normed.weight.at(2, 0), WithinAbs(plain.weight.at(2, 0), 1e-6));  // 2 / sqrt(3 + 1)
  CHECK_THAT(normed.weight.at(2, 1), WithinAbs(plain.weight.at(2, 1) / std::sqrt(2.0), 1e-6));
  CHECK_THAT(normed.bias.at(0), WithinAbs(plain.bias.at(0) - 1 + 0.5, 1e-6));
}

TEST_CASE("Trap 2: batch norm that computes the statistics of its batch is refused", "[presets]") {
  GraphForm form;
  form.tower_norm = [](GraphBuilder& graph, const Names& x) {
    const std::string ones = graph.tensor("ones", {4}, {1, 1, 1, 1});
    return graph.node("BatchNormalization", {x[0], ones, ones, ones, ones}, {int_attribute("training_mode", {1})});
  };
  CHECK_THAT(error_of(graph_of_din(form)), ContainsSubstring("statistics of the batch"));
}

TEST_CASE("Dice of a graph is a gate, in whatever operations it was written", "[presets]") {
  const auto written = GENERATE(0, 1);
  const Network network = built(graph_of_din(with_activation([&](GraphBuilder& graph, const Names& x) {
    const std::string alpha = graph.tensor("alpha", {2}, {0.25F, -0.5F});
    const std::string norm = graph.node("Mul", {graph.node("Sub", {x[0], graph.number(0.5F)}), graph.number(2)});
    const std::string p = graph.node("Sigmoid", {norm});
    const std::string closed = graph.node("Sub", {graph.number(1), p});
    if (written == 0) {
      const std::string shut = graph.node("Mul", {graph.node("Mul", {alpha, closed}), x[0]});
      return graph.node("Add", {graph.node("Mul", {p, x[0]}), shut});
    }
    return graph.node("Mul", {x[0], graph.node("Add", {graph.node("Mul", {closed, alpha}), p})});
  })));
  const Activation& gate = network.interests.at(0).layers.at(0).activation;
  CHECK(gate.kind == format::ActivationKind::gate);
  check_same(gate.scale, {2, 2});
  check_same(gate.shift, {-1, -1});
  check_same(gate.alpha, {0.25, -0.5});
}

TEST_CASE("Trap 7: Dice over the channels of a row is no gate with stored statistics", "[presets]") {
  const Network network = built(graph_of_din(with_activation([](GraphBuilder& graph, const Names& x) {
    const std::vector<GraphAttribute> last = {int_attribute("axes", {-1}), int_attribute("keepdims", {1})};
    const std::string centred = graph.node("Sub", {x[0], graph.node("ReduceMean", {x[0]}, last)});
    const std::string squares = graph.node("Add", {graph.node("Mul", {centred, centred}), graph.number(0.25F)});
    const std::string sum = graph.node("ReduceSum", {squares}, last);
    const std::string p = graph.node("Sigmoid", {graph.node("Div", {centred, graph.node("Sqrt", {sum})})});
    return graph.node("Mul", {x[0], p});
  })));
  const Activation& activation = network.interests.at(0).layers.at(0).activation;
  CHECK(activation.kind == format::ActivationKind::row_gate);
  CHECK_THAT(activation.epsilon, WithinAbs(0.5, 1e-9));  // 0.25 in each of two channels
  check_same(activation.alpha, {0, 0});
}

TEST_CASE("Trap 12: softmax and raw weights are told apart by the graph alone", "[presets]") {
  const auto masked = [](float value) {
    return with_weights([=](GraphBuilder& graph, const Names& x) {
      const std::string scaled = graph.node("Mul", {x[0], graph.number(0.5F)});
      return softmax(graph, graph.node("Where", {padding(graph, x[1]), graph.number(value), scaled}));
    });
  };
  const Interest interest = built(graph_of_din(masked(-4294967295.0F))).interests.at(0);
  CHECK(interest.normalizer == format::Normalizer::softmax);
  CHECK(interest.scale == 0.5);
  CHECK(interest.pads == format::Pads::excluded);
  CHECK(interest.empty == format::EmptyHistory::pad_row);
  const float infinity = std::numeric_limits<float>::infinity();
  CHECK(built(graph_of_din(masked(-infinity))).interests.at(0).empty == format::EmptyHistory::reject);
  CHECK(built(graph_of_din()).interests.at(0).normalizer == format::Normalizer::raw);
}

TEST_CASE("Trap 13: masks before and behind a softmax are different networks", "[presets]") {
  const auto behind = with_weights([](GraphBuilder& graph, const Names& x) {
    const std::string mask =
        graph.node("Cast", {graph.node("Not", {padding(graph, x[1])})}, {int_attribute("to", {1})});
    return graph.node("Mul", {softmax(graph, x[0]), mask});
  });
  const auto with_zeros = with_weights([](GraphBuilder& graph, const Names& x) {
    return softmax(graph, graph.node("Where", {padding(graph, x[1]), graph.number(0), x[0]}));
  });
  CHECK(built(graph_of_din(behind)).interests.at(0).pads == format::Pads::denominator);
  CHECK(built(graph_of_din(with_zeros)).interests.at(0).pads == format::Pads::zero_logit);
}

TEST_CASE("Trap 16: without a mask the padding attends, to the length of the graph's history", "[presets]") {
  const Interest interest =
      built(graph_of_din(with_weights([](GraphBuilder&, const Names& x) { return x[0]; }))).interests.at(0);
  CHECK(interest.pads == format::Pads::attend);
  CHECK(interest.pad_to == kGraphHistory);
}

TEST_CASE("Trap 17: which of two classes is the click shows in the graph, or is asked for", "[presets]") {
  GraphForm form;
  const auto two_classes = [](GraphBuilder& graph, const Names& logit) {
    const std::string turned = graph.node("Neg", {logit[0]});
    const std::string pair = graph.node("MatMul", {turned, graph.tensor("pair", {1, 2}, {1, -1})});
    return softmax(graph, pair);
  };
  form.output = two_classes;
  CHECK_THAT(error_of(graph_of_din(form)), ContainsSubstring("gives 2 numbers for a candidate"));
  const float first = GENERATE(0.0F, 1.0F);
  form.output = [&](GraphBuilder& graph, const Names& logit) {
    return graph.node("Slice", {two_classes(graph, logit), graph.integers({first}), graph.integers({first + 1}),
                                graph.integers({1})});
  };
  CHECK(built(graph_of_din(form)).head.positive_class == static_cast<int>(first));
}

TEST_CASE("A graph whose output is the logit has it as its score", "[presets]") {
  GraphForm form;
  form.output = [](GraphBuilder&, const Names& logit) { return logit[0]; };
  CHECK(built(graph_of_din(form)).head.link == format::Link::identity);
}

TEST_CASE("An error about a graph names the node, its operation and what was expected there", "[presets]") {
  GraphForm form;
  form.output = [](GraphBuilder& graph, const Names& logit) { return graph.node("Hardmax", {logit[0]}); };
  CHECK_THAT(error_of(graph_of_din(form)),
             ContainsSubstring("din.onnx: node \"Hardmax_") && ContainsSubstring("(Hardmax): is an operation that no"));
  const GraphForm clipped = with_activation(
      [](GraphBuilder& graph, const Names& x) { return graph.node("Clip", {x[0], graph.number(0), graph.number(6)}); });
  CHECK_THAT(error_of(graph_of_din(clipped)), ContainsSubstring("(Clip): applies a function that is not known"));
}

TEST_CASE("A graph that reads what nothing computes, or cuts through its batch, is an error", "[presets]") {
  GraphForm missing;
  missing.output = [](GraphBuilder& graph, const Names&) { return graph.node("Sigmoid", {"nothing"}); };
  CHECK_THAT(error_of(graph_of_din(missing)), ContainsSubstring("reads \"nothing\""));
  GraphForm cut;
  cut.output = [](GraphBuilder& graph, const Names& logit) {
    return graph.node("Slice", {logit[0], graph.integers({0}), graph.integers({1})});
  };
  CHECK_THAT(error_of(graph_of_din(cut)), ContainsSubstring("takes some rows of a batch"));
}

TEST_CASE("A recipe cannot state what a graph holds itself", "[presets]") {
  CHECK_THAT(error_of(graph_of_din(), "[attention]\nsoftmax = true\n"), ContainsSubstring("leave them out"));
}

TEST_CASE("Initialisers that no node on the way to the score reads are no part of the network", "[presets]") {
  GraphForm form;
  form.output = [](GraphBuilder& graph, const Names& logit) {
    graph.node("Add", {logit[0], graph.tensor("of another output", {1}, {1})});
    return graph.node("Sigmoid", {logit[0]});
  };
  CHECK(built(graph_of_din(form)).tower.size() == 2);
}

}  // namespace dinghy::converter
