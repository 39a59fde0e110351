// What the preset makes of names and widths; that its numbers are right show the golden cases.
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

Tensor zeros(const std::string& name, std::vector<std::int64_t> shape) {
  std::int64_t count = 1;
  for (const std::int64_t extent : shape) count *= extent;
  return memory_tensor(name, std::move(shape), std::vector<float>(static_cast<std::size_t>(count)));
}

// user and item of width 2, a history of items in a table of its own, `dense` numbers.
Checkpoint small_checkpoint(std::int64_t dense) {
  return memory_checkpoint(
      {zeros("embedding_dict.user.weight", {5, 2}), zeros("embedding_dict.item.weight", {7, 2}),
       zeros("embedding_dict.hist_item.weight", {7, 2}), zeros("attention.local_att.dnn.linears.0.weight", {3, 8}),
       zeros("attention.local_att.dnn.linears.0.bias", {3}), zeros("attention.local_att.dense.weight", {1, 3}),
       zeros("attention.local_att.dense.bias", {1}), zeros("dnn.linears.0.weight", {4, 6 + dense}),
       zeros("dnn.linears.0.bias", {4}), zeros("dnn_linear.weight", {1, 4}), zeros("out.bias", {1})});
}

Conversion built(const Checkpoint& checkpoint, const Recipe& recipe) {
  Conversion conversion(checkpoint, recipe);
  build_network(conversion, choose_preset(checkpoint, recipe));
  return conversion;
}

void fails_with(std::int64_t dense, const std::string& recipe, const std::string& message) {
  INFO(recipe);
  CHECK_THROWS_MATCHES(built(small_checkpoint(dense), parse_recipe(recipe, "recipe.toml")), Error,
                       MessageMatches(ContainsSubstring(message)));
}

}  // namespace

TEST_CASE("A table hist_x is the history of x, and no recipe is needed") {
  const Checkpoint checkpoint = small_checkpoint(0);
  const Recipe recipe;
  const Conversion conversion = built(checkpoint, recipe);
  const Network& network = conversion.network;
  REQUIRE(network.features.size() == 2);
  CHECK(network.features[0].role == format::Role::user);
  CHECK(network.features[1].role == format::Role::candidate);
  CHECK(network.features[1].sequence == 0);
  CHECK(network.features[1].table != network.features[1].history_table);
  CHECK(network.interests[0].normalizer == format::Normalizer::raw);
  CHECK(network.interests[0].empty == format::EmptyHistory::zero);
  REQUIRE(network.tower_parts.size() == 3);
  CHECK(network.tower_parts[2].operand.source == format::Source::interest);
  CHECK(conversion.claims.taken() == 11);
}

TEST_CASE("Softmax makes an empty history the row of padding") {
  const Checkpoint checkpoint = small_checkpoint(0);
  const Recipe recipe = parse_recipe("[attention]\nsoftmax = true\n", "recipe.toml");
  const Conversion conversion = built(checkpoint, recipe);
  CHECK(conversion.network.interests[0].normalizer == format::Normalizer::softmax);
  CHECK(conversion.network.interests[0].empty == format::EmptyHistory::pad_row);
  CHECK(conversion.network.features[1].pad_row == 0);
}

TEST_CASE("Dense features come last, in the order that the recipe gives") {
  const Checkpoint checkpoint = small_checkpoint(4);
  const Recipe recipe = parse_recipe(
      "[inputs]\nuser = [\"user\", \"age\"]\ncandidate = [\"item\", \"pixels\"]\ndense = [\"pixels:3\", \"age\"]\n",
      "recipe.toml");
  const Conversion conversion = built(checkpoint, recipe);
  const Network& network = conversion.network;
  REQUIRE(network.features.size() == 4);
  CHECK(network.features[2].name == "pixels");
  CHECK(network.features[2].dense_width == 3);
  CHECK(network.features[2].role == format::Role::candidate);
  CHECK(network.features[3].name == "age");
  CHECK(network.features[3].role == format::Role::user);
  REQUIRE(network.tower_parts.size() == 5);
  CHECK(network.tower_parts[3].operand.index == 2);
  CHECK(network.tower_parts[4].operand.index == 3);
}

TEST_CASE("Dense features that are not named, or whose order is open, are an error") {
  fails_with(1, "", "recipe.toml: the tower takes 1 dense numbers, but 0 are named");
  fails_with(2, "[inputs]\nuser = [\"user\", \"age\"]\ncandidate = [\"item\", \"pop\"]\n",
             "give their order in the network as [inputs] dense = ");
  fails_with(2, "[inputs]\nuser = [\"user\"]\ncandidate = [\"item\", \"pop\"]\ndense = [\"pop:x\"]\n",
             "write \"name\", or \"name:3\"");
}

TEST_CASE("A feature without a role, with two, or unknown is an error") {
  fails_with(0, "[inputs]\nuser = [\"user\"]\n",
             "does not have the feature \"item\"; put it into user, context or candidate");
  fails_with(0, "[inputs]\nuser = [\"user\", \"item\"]\ncandidate = [\"item\"]\n", "has \"item\" in two lists");
  fails_with(0, "[inputs]\nhistory = [\"user\"]\n", "[inputs] history names \"user\", but only \"hist_item\"");
  fails_with(0, "[rename]\nitems = \"product\"\n",
             "[rename] names the feature \"items\", which there is not (did you mean \"item\"?)");
}

}  // namespace dinghy::converter
