// The parts of a network that only some codes have, as a generic recipe names them: several histories, padding, masks,
// dot products, narrow queries, MLPs, layers by position, biases.
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "converter/error.h"
#include "converter/presets/presets.h"
#include "tests/converter/memory_tensor.h"

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::MessageMatches;

namespace dinghy::converter {
namespace {

std::vector<float> ramp(std::size_t count) {
  std::vector<float> numbers;
  for (std::size_t i = 0; i < count; ++i) numbers.push_back(static_cast<float>(i));
  return numbers;
}

Checkpoint checkpoint_of_everything() {
  return memory_checkpoint({memory_tensor("item", {3, 2}, ramp(6)), memory_tensor("shop", {3, 1}, ramp(3)),
                            memory_tensor("user", {2, 3}, ramp(6)), memory_tensor("att0", {8, 4}, ramp(32)),
                            memory_tensor("alpha", {5, 4}, ramp(20)), memory_tensor("att1", {4, 1}, ramp(4)),
                            memory_tensor("deep", {5, 2}, ramp(10)), memory_tensor("item_b", {3}, {4, 5, 6}),
                            memory_tensor("top", {7, 1}, ramp(7))});
}

constexpr const char* kEverything = R"(preset = "generic"
layout = "in_out"
[[history]]
name = "clicks"
max_length = 5
mask = "every_id"
pad_side = "left"
[[history]]
name = "orders"
keep = "first"
[[feature]]
name = "user"
role = "user"
table = "user"
[[feature]]
name = "item"
table = "item"
history = "clicks"
pad_row = 2
pad_id = -1
[[feature]]
name = "bought"
role = "history"
table = "item"
history = "orders"
pad_row = -1
[[feature]]
name = "shop"
table = "shop"
[[interest]]
name = "clicked"
fields = ["item"]
normalizer = "softmax"
pads = "attend"
pad_to = 5
empty = "reject"
layers = [ { weight = "att0", activation = { kind = "prelu_position", alpha = "alpha" } }, { weight = "att1" } ]
[[interest]]
name = "ordered"
fields = ["shop:bought"]
pad_query = true
score = "dot"
normalizer = "raw"
[[mlp]]
name = "deep"
inputs = ["user", "sum:bought:9"]
layers = [ { weight = "deep", activation = "relu" } ]
[tower]
inputs = ["clicked", "deep*ordered", "user"]
layers = [ { weight = "top" } ]
[head]
scale = 0.5
shift = -1
offset = 1e-8
biases = [ { feature = "item", table = "item_b" } ]
)";

Network build(std::string text, const std::string& line = {}, const std::string& instead = {}) {
  if (!line.empty()) {
    REQUIRE(text.find(line) != std::string::npos);
    text.replace(text.find(line), line.size(), instead);
  }
  const Checkpoint checkpoint = checkpoint_of_everything();
  const Recipe recipe = parse_recipe(text, "recipe.toml");
  Conversion conversion(checkpoint, recipe);
  build_network(conversion, choose_preset(checkpoint, recipe));
  return conversion.network;
}

}  // namespace

TEST_CASE("A generic recipe says of each history what counts, what is cut and where padding was", "[presets]") {
  const Network network = build(kEverything);
  REQUIRE(network.sequences.size() == 2);
  CHECK(network.sequences[0].name == "clicks");
  CHECK(network.sequences[0].max_length == 5);
  CHECK(network.sequences[0].mask == format::Mask::every_id);
  CHECK(network.sequences[0].pad_side == format::PadSide::left);
  CHECK(network.sequences[1].keep == format::Keep::first);
  CHECK(network.sequences[1].mask == format::Mask::length);
  CHECK(network.features[1].sequence == 0);
  CHECK(network.features[1].pad_row == 2);
  CHECK(network.features[1].pad_id == -1);
  CHECK(network.features[2].sequence == 1);
  CHECK(network.features[2].pad_row == -1);
  CHECK(network.features[2].history_table == network.features[1].table);
}

TEST_CASE("A generic recipe says what padding and an empty history do, and what a score is", "[presets]") {
  const Network network = build(kEverything);
  REQUIRE(network.interests.size() == 2);
  CHECK(network.interests[0].sequence == 0);
  CHECK(network.interests[0].pads == format::Pads::attend);
  CHECK(network.interests[0].pad_to == 5);
  CHECK(network.interests[0].empty == format::EmptyHistory::reject);
  CHECK(network.interests[0].layers[0].activation.kind == format::ActivationKind::prelu_position);
  CHECK(network.interests[0].layers[0].activation.alpha.size() == 20);
  CHECK(network.interests[1].sequence == 1);
  CHECK(network.interests[1].score == format::Score::dot);
  CHECK(network.interests[1].layers.empty());
  CHECK(network.interests[1].fields[0].query == 3);
  CHECK(network.interests[1].fields[0].key == 2);
}

TEST_CASE("A generic recipe puts MLPs before the tower, with sums of a padded history", "[presets]") {
  const Network network = build(kEverything);
  REQUIRE(network.mlps.size() == 1);
  const Mlp& mlp = network.mlps[0];
  CHECK(mlp.name == "deep");
  REQUIRE(mlp.parts.size() == 2);
  CHECK(mlp.parts[1].operand.source == format::Source::history_sum);
  CHECK(mlp.parts[1].operand.index == 2);
  CHECK(mlp.parts[1].operand.pad_to == 9);
  CHECK(mlp.layers[0].activation.kind == format::ActivationKind::relu);
  const Part& product = network.tower_parts.at(1);
  CHECK(product.operand.source == format::Source::mlp);
  CHECK(product.operand.width == 2);
  CHECK(product.times->source == format::Source::interest);
  CHECK(product.times->index == 1);
}

TEST_CASE("A generic recipe scales and shifts the logit and adds a bias for each id", "[presets]") {
  const Head head = build(kEverything).head;
  CHECK(head.scale == 0.5);
  CHECK(head.shift == -1);
  CHECK(head.offset == 1e-8);
  REQUIRE(head.biases.size() == 1);
  CHECK(head.biases[0].feature == 1);
  const Network network = build(kEverything);
  const Tensor& rows = network.tables.at(head.biases[0].table).source;
  CHECK(rows.shape == std::vector<std::int64_t>{3, 1});
  CHECK(rows.values() == Vector{4, 5, 6});
}

TEST_CASE("What does not fit together in a generic recipe is an error at its line", "[presets]") {
  const auto refuses = [](const std::string& line, const std::string& instead, const std::string& message) {
    INFO(instead);
    CHECK_THROWS_MATCHES(build(kEverything, line, instead), Error, MessageMatches(ContainsSubstring(message)));
  };
  refuses("pad_to = 5\n", "", "\"pad_to\", the length of training's histories, and \"pads\" belong together");
  refuses("pads = \"attend\"\n", "", "\"pad_to\", the length of training's histories, and \"pads\" belong together");
  refuses("pad_query = true\n", "", "say pad_query = true");
  refuses("score = \"dot\"\n", "", "needs \"layers\", or score = \"dot\" and none");
  refuses("history = \"orders\"", "history = \"order\"", "there is no [[history]] \"order\"");
  refuses("fields = [\"item\"]", "fields = [\"item\", \"item:bought\"]", "\"fields\" are of several histories");
  refuses("name = \"deep\"", "name = \"clicked\"", "two interests or MLPs are called \"clicked\"");
  refuses("sum:bought:9", "sum:bought:0", "pads a history to \"0\"");
  refuses("pad_row = 2", "pad_row = 3", "pad_row is 3, but the table of \"item\" has only rows 0 to 2");
  refuses("table = \"item_b\"", "table = \"top\"", "the tensor \"top\" is used twice");
  refuses("mask = \"every_id\"\n", "empty = \"zero\"\n", "unknown key \"empty\"");
  refuses("alpha = \"alpha\"", "alpha = \"deep\"", "a PReLU by position needs [positions, 4]");
}

}  // namespace dinghy::converter
