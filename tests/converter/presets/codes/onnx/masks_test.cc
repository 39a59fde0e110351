// Which behaviours count: by a mask that is an input of the graph, or by ids.
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "tests/converter/presets/codes/onnx/graph_builder.h"

using Catch::Matchers::ContainsSubstring;

namespace dinghy::converter {
namespace {

using Names = std::vector<std::string>;
using Pads = format::Pads;

std::string cast(GraphBuilder& graph, const std::string& of, std::int64_t to) {
  return graph.node("Cast", {of}, {int_attribute("to", {to})});
}
std::string to_floats(GraphBuilder& graph, const std::string& of) { return cast(graph, of, 1); }
std::string to_truths(GraphBuilder& graph, const std::string& of) { return cast(graph, of, 9); }

// The weights of [scores, mask], where the mask is an input.
GraphForm with_mask(bool integer, bool truth, const GraphForm::Step& weights) {
  return with_weights([=](GraphBuilder& graph, const Names& x) {
    graph.input("mask", integer, {-1, kGraphHistory}, truth);
    return weights(graph, {x[0], "mask"});
  });
}

struct MaskCase {
  const char* name;
  GraphForm::Step weights;  // of [scores, mask]
  format::Normalizer normalizer;
  Pads pads;
};

const MaskCase kMaskCases[] = {
    {"raw weights times the mask",
     [](GraphBuilder& graph, const Names& x) { return graph.node("Mul", {x[0], to_floats(graph, x[1])}); },
     format::Normalizer::raw, Pads::excluded},
    {"raw weights where the mask is",
     [](GraphBuilder& graph, const Names& x) { return graph.node("Where", {x[1], x[0], graph.number(0)}); },
     format::Normalizer::raw, Pads::excluded},
    {"raw weights where padding is not",
     [](GraphBuilder& graph, const Names& x) {
       return graph.node("Mul", {x[0], to_floats(graph, graph.node("Not", {x[1]}))});
     },
     format::Normalizer::raw, Pads::excluded},
    {"logits of padding filled before the softmax",
     [](GraphBuilder& graph, const Names& x) {
       return softmax(graph, graph.node("Where", {x[1], graph.number(-1e9F), x[0]}));
     },
     format::Normalizer::softmax, Pads::excluded},
    {"a large number taken from the logits of padding",
     [](GraphBuilder& graph, const Names& x) {
       const std::string pads = graph.node("Sub", {graph.number(1), to_floats(graph, x[1])});
       return softmax(graph, graph.node("Add", {x[0], graph.node("Mul", {pads, graph.number(-1e9F)})}));
     },
     format::Normalizer::softmax, Pads::excluded},
    {"the softmax times the mask",
     [](GraphBuilder& graph, const Names& x) {
       return graph.node("Mul", {softmax(graph, x[0]), to_floats(graph, x[1])});
     },
     format::Normalizer::softmax, Pads::denominator},
    {"the softmax of logits times the mask",
     [](GraphBuilder& graph, const Names& x) {
       return softmax(graph, graph.node("Mul", {x[0], to_floats(graph, x[1])}));
     },
     format::Normalizer::softmax, Pads::zero_logit},
};

// Logits are filled by the ids, weights dropped by the mask.
Checkpoint graph_of_two_masks() {
  return graph_of_din(with_weights([](GraphBuilder& graph, const Names& x) {
    graph.input("mask", true, {-1, kGraphHistory}, true);
    const std::string filled = graph.node("Where", {padding(graph, x[1]), graph.number(-1e9F), x[0]});
    return graph.node("Mul", {softmax(graph, filled), to_floats(graph, "mask")});
  }));
}

std::optional<Certainty> certainty_of(const Conversion& conversion, const std::string& subject) {
  for (const Finding& finding : conversion.findings) {
    if (finding.subject == subject) return finding.certainty;
  }
  return std::nullopt;
}

}  // namespace

TEST_CASE("Trap 46: a mask that is an input of the graph is no factor of the logits", "[presets]") {
  for (const MaskCase& one : kMaskCases) {
    INFO(one.name);
    const Recipe recipe;
    const Checkpoint checkpoint = graph_of_din(with_mask(true, true, one.weights));
    const Conversion conversion = converted(checkpoint, recipe);
    const Interest& interest = conversion.network.interests.at(0);
    CHECK(interest.scale == 1);
    CHECK(interest.normalizer == one.normalizer);
    CHECK(interest.pads == one.pads);
    CHECK(conversion.network.sequences.at(0).mask == format::Mask::length);
    CHECK(conversion.network.features.at(0).pad_row == 0);
    CHECK(certainty_of(conversion, "padding of the history") == Certainty::assumed);
  }
}

TEST_CASE("Trap 46: a mask of integers that is multiplied is assumed to be 0 and 1", "[presets]") {
  const Recipe recipe;
  const Checkpoint multiplied = graph_of_din(with_mask(true, false, kMaskCases[0].weights));
  CHECK(certainty_of(converted(multiplied, recipe), "the mask mask") == Certainty::assumed);
  const Checkpoint compared = graph_of_din(with_mask(true, false, [](GraphBuilder& graph, const Names& x) {
    return graph.node("Where", {padding(graph, x[1]), graph.number(0), x[0]});
  }));
  CHECK_FALSE(certainty_of(converted(compared, recipe), "the mask mask"));
}

TEST_CASE("Trap 46: a mask of floats is one, assumed to be 0 and 1", "[presets]") {
  const Recipe recipe;
  for (const MaskCase& one : {kMaskCases[0], kMaskCases[4]}) {
    INFO(one.name);
    const Checkpoint checkpoint = graph_of_din(with_mask(false, false, one.weights));
    const Conversion conversion = converted(checkpoint, recipe);
    CHECK(conversion.network.interests.at(0).scale == 1);
    CHECK(conversion.network.interests.at(0).pads == Pads::excluded);
    CHECK(certainty_of(conversion, "the mask mask") == Certainty::assumed);
  }
}

TEST_CASE("Trap 46: weights that an input changes in another way than a mask are refused", "[presets]") {
  const auto with_input = [](const GraphForm::Step& weights) { return graph_of_din(with_mask(true, false, weights)); };
  const std::string unknown = "which behaviours count is not understood";
  // No value of the input drops a behaviour.
  CHECK_THAT(error_of(with_input([](GraphBuilder& graph, const Names& x) {
               return graph.node("Add", {x[0], to_floats(graph, x[1])});
             })),
             ContainsSubstring(unknown));
  // Ids as numbers.
  CHECK_THAT(error_of(graph_of_din(with_weights([](GraphBuilder& graph, const Names& x) {
               return graph.node("Mul", {x[0], to_floats(graph, x[1])});
             }))),
             ContainsSubstring(unknown));
  // Two ids are no behaviours, and the file could name one.
  CHECK_THAT(error_of(graph_of_din(with_weights([](GraphBuilder& graph, const Names& x) {
               return graph.node("Mul", {x[0], to_floats(graph, graph.node("Greater", {x[1], graph.integers({1})}))});
             }))),
             ContainsSubstring(unknown));
  // Behind the softmax another mask than before it.
  CHECK_THAT(error_of(graph_of_two_masks()), ContainsSubstring("other masks before than behind"));
  // Weights that are divided by what is left of them.
  CHECK_THAT(error_of(graph_of_din(with_weights([](GraphBuilder& graph, const Names& x) {
               const std::string mask = to_floats(graph, graph.node("Not", {padding(graph, x[1])}));
               const std::string kept = graph.node("Mul", {softmax(graph, x[0]), mask});
               return graph.node("Div", {kept, graph.node("ReduceSum", {kept, graph.integers({1})})});
             }))),
             ContainsSubstring("(ReduceSum): sums over the history something else"));
}

TEST_CASE("Ids made truths, or compared by order, name the id of padding", "[presets]") {
  const Checkpoint by_truth = graph_of_din(with_weights([](GraphBuilder& graph, const Names& x) {
    return graph.node("Mul", {x[0], to_floats(graph, to_truths(graph, x[1]))});
  }));
  CHECK(built(by_truth).interests.at(0).scale == 1);
  CHECK(built(by_truth).sequences.at(0).mask == format::Mask::first_id);
  const Checkpoint by_order = graph_of_din(with_weights([](GraphBuilder& graph, const Names& x) {
    return graph.node("Mul", {x[0], to_floats(graph, graph.node("GreaterOrEqual", {x[1], graph.integers({0})}))});
  }));
  CHECK(built(by_order).features.at(0).pad_id == -1);
}

}  // namespace dinghy::converter
