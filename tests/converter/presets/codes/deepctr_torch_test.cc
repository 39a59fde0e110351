// What the preset makes of names and widths; that its numbers are right show the golden cases.
#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <cmath>

#include "converter/error.h"
#include "converter/presets/layers.h"
#include "converter/presets/presets.h"
#include "tests/converter/memory_tensor.h"

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::MessageMatches;
using Catch::Matchers::WithinAbs;

namespace dinghy::converter {
namespace {

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

TEST_CASE("A table hist_x is the history of x, and no recipe is needed", "[presets]") {
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

TEST_CASE("presets: a DeepCTR-Torch feature may be called as the interest is", "[presets]") {
  Checkpoint checkpoint = small_checkpoint(0);
  checkpoint.tensors[0].name = "embedding_dict.interest.weight";
  const Recipe recipe;
  const Network network = built(checkpoint, recipe).network;
  REQUIRE(network.tower_parts.size() == 3);
  CHECK(network.tower_parts[0].operand.source == format::Source::feature);
  CHECK(network.tower_parts[2].operand.source == format::Source::interest);
}

TEST_CASE("presets: DeepCTR-Torch's tables of the history lie behind all others, in its own order", "[presets]") {
  Checkpoint checkpoint = small_checkpoint(2);
  const auto table = [](const std::string& name) { return zeros("embedding_dict." + name + ".weight", {7, 2}); };
  checkpoint.tensors[0] = table("category");
  checkpoint.tensors.insert(checkpoint.tensors.begin() + 2, table("hist_category"));
  std::swap(checkpoint.tensors[2], checkpoint.tensors[3]);
  checkpoint.tensors[4] = zeros("attention.local_att.dnn.linears.0.weight", {3, 16});
  const Recipe recipe;
  const Network network = built(checkpoint, recipe).network;
  std::vector<std::string> names;
  for (const Table& one : network.tables) names.push_back(one.source.name);
  CHECK(names == std::vector<std::string>{"embedding_dict.category.weight", "embedding_dict.item.weight",
                                          "embedding_dict.hist_item.weight", "embedding_dict.hist_category.weight"});
  CHECK(network.interests[0].fields.at(0).key == 1);  // the category is compared with the items of the history
}

TEST_CASE("Trap 12: without a word on softmax the weights are raw, and the report calls that an assumption",
          "[presets]") {
  const Checkpoint checkpoint = small_checkpoint(0);
  const Recipe recipe;
  const Conversion conversion = built(checkpoint, recipe);
  CHECK(conversion.network.interests[0].normalizer == format::Normalizer::raw);
  const auto finding = std::ranges::find(conversion.findings, "attention weights", &Finding::subject);
  REQUIRE(finding != conversion.findings.end());
  CHECK(finding->value == "the raw logits");
  CHECK(finding->certainty == Certainty::assumed);
}

TEST_CASE("Trap 32: an empty history is zero with raw weights, the row of padding with softmax, or refused",
          "[presets]") {
  const Checkpoint checkpoint = small_checkpoint(0);
  const auto interest_with = [&](const std::string& text) {
    const Recipe recipe = parse_recipe(text, "recipe.toml");
    const Conversion conversion = built(checkpoint, recipe);
    CHECK(conversion.network.features[1].pad_row == 0);
    return conversion.network.interests[0];
  };
  CHECK(interest_with("").empty == format::EmptyHistory::zero);
  const Interest softmax = interest_with("[attention]\nsoftmax = true\n");
  CHECK(softmax.normalizer == format::Normalizer::softmax);
  CHECK(softmax.empty == format::EmptyHistory::pad_row);
  CHECK(interest_with("[history]\nempty = \"reject\"\n").empty == format::EmptyHistory::reject);
}

TEST_CASE("Trap 27: a table with more rows than float32 has whole numbers comes with a warning", "[presets]") {
  const auto warnings = [](std::int64_t rows) {
    Checkpoint checkpoint = small_checkpoint(0);
    checkpoint.tensors[1].shape[0] = rows;  // the same row again and again: the preset reads none of them
    checkpoint.tensors[1].strides[0] = 0;
    const Recipe recipe;
    const Conversion conversion = built(checkpoint, recipe);
    return std::ranges::count(conversion.findings, "the package rounds ids above 2^24, Dinghy does not",
                              &Finding::value);
  };
  CHECK(warnings(1 << 24) == 0);
  CHECK(warnings((1 << 24) + 1) == 1);
}

TEST_CASE("Trap 25: a square weight lies as its framework lays it, which its shape cannot tell", "[presets]") {
  // PyTorch's Linear [out, in]: the first of the two inputs counts for the second output alone.
  Checkpoint torch = small_checkpoint(0);
  std::vector<float> numbers(64);
  numbers[8] = 1;
  torch.tensors[3] = memory_tensor("attention.local_att.dnn.linears.0.weight", {8, 8}, numbers);
  torch.tensors[4] = zeros("attention.local_att.dnn.linears.0.bias", {8});
  torch.tensors[5] = zeros("attention.local_att.dense.weight", {1, 8});
  const Recipe recipe;
  const Matrix weight = built(torch, recipe).network.interests[0].layers[0].weight;
  CHECK(weight.at(0, 1) == 1);
  CHECK(weight.at(1, 0) == 0);
  // Keras' Dense [in, out], the same numbers.
  const Checkpoint keras = memory_checkpoint({memory_tensor("kernel", {8, 8}, numbers)});
  TensorClaims claims(keras);
  CHECK(take_matrix(claims, "kernel", WeightLayout::in_out).at(1, 0) == 1);
}

TEST_CASE("Trap 5: Dice whose normalization has gamma and beta keeps them, one without has neither", "[presets]") {
  Checkpoint checkpoint = small_checkpoint(0);
  const std::string dice = "attention.local_att.dnn.activation_layers.0.";
  checkpoint.tensors.push_back(zeros(dice + "alpha", {3, 1}));
  checkpoint.tensors.push_back(memory_tensor(dice + "bn.running_mean", {3}, {1, 1, 1}));
  checkpoint.tensors.push_back(memory_tensor(dice + "bn.running_var", {3}, {4, 4, 4}));
  const Recipe recipe = parse_recipe("[epsilon]\ndice = 0\n", "recipe.toml");
  const Activation without = built(checkpoint, recipe).network.interests[0].layers[0].activation;
  CHECK(without.scale == Vector{0.5, 0.5, 0.5});
  CHECK(without.shift == Vector{-0.5, -0.5, -0.5});
  checkpoint.tensors.push_back(memory_tensor(dice + "bn.weight", {3}, {2, 4, 6}));
  checkpoint.tensors.push_back(memory_tensor(dice + "bn.bias", {3}, {10, 20, 30}));
  const Activation with = built(checkpoint, recipe).network.interests[0].layers[0].activation;
  CHECK(with.scale == Vector{1, 2, 3});
  CHECK(with.shift == Vector{9, 18, 27});
}

TEST_CASE("Trap 11: the logits of DeepCTR-Torch are not scaled, unless the recipe says so", "[presets]") {
  const Checkpoint checkpoint = small_checkpoint(0);
  const auto scale_with = [&](const std::string& text) {
    const Recipe recipe = parse_recipe(text, "recipe.toml");
    return built(checkpoint, recipe).network.interests[0].scale;
  };
  CHECK(scale_with("") == 1);
  CHECK_THAT(scale_with("[attention]\nscale = \"1/sqrt(width)\"\n"), WithinAbs(std::sqrt(0.5), 1e-12));
}

TEST_CASE("Trap 1: Dice of DeepCTR-Torch adds 1e-8 to the variance, unless the recipe says otherwise", "[presets]") {
  Checkpoint checkpoint = small_checkpoint(0);
  const std::string dice = "attention.local_att.dnn.activation_layers.0.";
  checkpoint.tensors.push_back(zeros(dice + "alpha", {3, 1}));
  checkpoint.tensors.push_back(memory_tensor(dice + "bn.weight", {3}, {1, 1, 1}));
  for (const std::string name : {"bn.bias", "bn.running_mean", "bn.running_var"}) {
    checkpoint.tensors.push_back(zeros(dice + name, {3}));
  }
  const auto scale_with = [&](const std::string& text) {
    const Recipe recipe = parse_recipe(text, "recipe.toml");
    return built(checkpoint, recipe).network.interests[0].layers[0].activation.scale.at(2);
  };
  CHECK_THAT(scale_with(""), WithinAbs(1e4, 1e-8));
  CHECK_THAT(scale_with("[epsilon]\ndice = 1e-4\n"), WithinAbs(100, 1e-9));
}

TEST_CASE("Dense features come last, in the order that the recipe gives", "[presets]") {
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

TEST_CASE("Dense features that are not named, or whose order is open, are an error", "[presets]") {
  fails_with(1, "", "recipe.toml: the tower takes 1 dense numbers, but 0 are named");
  fails_with(2, "[inputs]\nuser = [\"user\", \"age\"]\ncandidate = [\"item\", \"pop\"]\n",
             "give their order in the network as [inputs] dense = ");
  fails_with(2, "[inputs]\nuser = [\"user\"]\ncandidate = [\"item\", \"pop\"]\ndense = [\"pop:x\"]\n",
             "write \"name\", or \"name:3\"");
}

TEST_CASE("A feature without a role, with two, or unknown is an error", "[presets]") {
  fails_with(0, "[inputs]\nuser = [\"user\"]\n",
             "does not have the feature \"item\"; put it into user, context or candidate");
  fails_with(0, "[inputs]\nuser = [\"user\", \"item\"]\ncandidate = [\"item\"]\n", "has \"item\" in two lists");
  fails_with(0, "[inputs]\nhistory = [\"user\"]\n", "[inputs] history names \"user\", but only \"hist_item\"");
  fails_with(0, "[rename]\nitems = \"product\"\n",
             "[rename] names the feature \"items\", which there is not (did you mean \"item\"?)");
}

}  // namespace dinghy::converter
