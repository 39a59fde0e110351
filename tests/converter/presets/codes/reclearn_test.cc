// RecLearn's DIN: what its golden case does not have.
#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <cmath>

#include "converter/error.h"
#include "converter/presets/presets.h"
#include "tests/converter/memory_tensor.h"

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::MessageMatches;
using Catch::Matchers::WithinAbs;

namespace dinghy::converter {
namespace {

// The second model of a process: items of width 2, categories of width 1, and `more` numbers for the tower.
std::vector<Tensor> plain_tensors(std::int64_t more = 0) {
  return {filled("din_1/embedding_9/embeddings", {5, 2}, 1),
          filled("din_1/embedding_10/embeddings", {4, 1}, 2),
          filled("din_1/attention__layer_1/dense_9/kernel", {12, 2}, 1),
          filled("din_1/attention__layer_1/dense_9/bias", {2}, 0),
          filled("din_1/attention__layer_1/dense_10/kernel", {2, 1}, 1),
          filled("din_1/attention__layer_1/dense_10/bias", {1}, 0),
          filled("din_1/batch_normalization_2/gamma", {6 + more}, 2),
          filled("din_1/batch_normalization_2/beta", {6 + more}, 3),
          filled("din_1/batch_normalization_2/moving_mean", {6 + more}, 1),
          filled("din_1/batch_normalization_2/moving_variance", {6 + more}, 0.003f),
          filled("din_1/dense_11/kernel", {6 + more, 2}, 1),
          filled("din_1/dense_11/bias", {2}, 0),
          filled("din_1/dense_12/kernel", {2, 1}, 1),
          filled("din_1/dense_12/bias", {1}, 0)};
}

Network built(std::vector<Tensor> tensors, const std::string& text = "") {
  const Checkpoint checkpoint = memory_checkpoint(std::move(tensors));
  const Recipe recipe = parse_recipe(text, "recipe.toml");
  Conversion conversion(checkpoint, recipe);
  build_network(conversion, choose_preset(checkpoint, recipe));
  return conversion.network;
}

std::vector<Tensor> with(std::vector<Tensor> tensors, const std::vector<Tensor>& more) {
  tensors.insert(tensors.end(), more.begin(), more.end());
  return tensors;
}

}  // namespace

TEST_CASE("RecLearn's last tables are those of the behaviours, in front of the others in the tower", "[presets]") {
  std::vector<Tensor> tensors = plain_tensors(4);
  tensors.push_back(filled("din_1/embedding_8/embeddings", {3, 3}, 1));
  const Network network = built(std::move(tensors),
                                "[inputs]\nuser = [\"age\", \"sparse_0\"]\n"
                                "candidate = [\"behaviour_0\", \"behaviour_1\"]\n");
  REQUIRE(network.tower_parts.size() == 5);
  CHECK(network.tower_parts[0].operand.source == format::Source::interest);
  CHECK(network.features.at(network.tower_parts[1].operand.index).width == 2);
  CHECK(network.features.at(network.tower_parts[2].operand.index).name == "behaviour_1");
  CHECK(network.features.at(network.tower_parts[3].operand.index).name == "age");
  CHECK(network.features.at(network.tower_parts[4].operand.index).name == "sparse_0");
  CHECK(network.interests.at(0).fields.size() == 2);
}

TEST_CASE("RecLearn's batch norm over the tower's input has Keras' epsilon and goes into the first layer",
          "[presets]") {
  const Network network = built(plain_tensors());
  const double scale = 2 / std::sqrt(static_cast<double>(0.003f) + 1e-3);
  CHECK_THAT(network.tower.at(0).weight.at(0, 0), WithinAbs(scale, 1e-12));
  CHECK_THAT(network.tower.at(0).bias.at(0), WithinAbs(6 * (3 - scale), 1e-12));
}

TEST_CASE("Trap 31: RecLearn pads on the left and masks by the first id, so alphas by position count from the end",
          "[presets]") {
  const Network network =
      built(with(plain_tensors(),
                 {memory_tensor("din_1/attention__layer_1/dense_9/p_re_lu_4/alpha", {3, 2}, {0, 1, 2, 3, 4, 5})}));
  CHECK(network.sequences.at(0).pad_side == format::PadSide::left);
  CHECK(network.sequences.at(0).mask == format::Mask::first_id);
  CHECK(network.sequences.at(0).max_length == 3);
  const Activation& prelu = network.interests.at(0).layers.at(0).activation;
  CHECK(prelu.kind == format::ActivationKind::prelu_position);
  CHECK(prelu.alpha == Vector{0, 1, 2, 3, 4, 5});
}

TEST_CASE("RecLearn's history of nothing but padding in its first column is said to count as empty", "[presets]") {
  const Checkpoint checkpoint = memory_checkpoint(plain_tensors());
  const Recipe recipe;
  Conversion conversion(checkpoint, recipe);
  build_network(conversion, choose_preset(checkpoint, recipe));
  CHECK(std::ranges::count(conversion.findings, "a history whose first ids all are 0", &Finding::subject) == 1);
}

TEST_CASE("Trap 1: Dice of RecLearn adds Keras' 1e-3 to the variance, unless the recipe says otherwise", "[presets]") {
  const std::vector<Tensor> dice = {filled("ffn/0/activation/alpha", {}, 0.25),
                                    filled("din_1/dense_11/dice/batch_normalization_3/moving_mean", {2}, 0),
                                    filled("din_1/dense_11/dice/batch_normalization_3/moving_variance", {2}, 0)};
  const Activation gate = built(with(plain_tensors(), dice)).tower.at(0).activation;
  CHECK(gate.kind == format::ActivationKind::gate);
  CHECK_THAT(gate.scale.at(0), WithinAbs(1 / std::sqrt(1e-3), 1e-12));
  CHECK_THAT(built(with(plain_tensors(), dice), "[epsilon]\ndice = 1e-4\n").tower.at(0).activation.scale.at(1),
             WithinAbs(100, 1e-9));
}

TEST_CASE("Trap 6: one alpha of RecLearn's Dice stands for all channels", "[presets]") {
  // Both have lost their layers' names: in files of Keras, and in a SavedModel.
  for (const auto& [first, second] :
       {std::pair("ffn/0/activation/alpha", "ffn/1/activation/alpha"), std::pair("variables/17", "variables/20")}) {
    std::vector<Tensor> tensors = plain_tensors();
    tensors[12] = filled("din_1/dense_12/kernel", {2, 2}, 1);
    tensors[13] = filled("din_1/dense_12/bias", {2}, 0);
    const Network network = built(
        with(std::move(tensors), {filled("din_1/dense_13/kernel", {2, 1}, 1), filled("din_1/dense_13/bias", {1}, 0),
                                  filled("din_1/dense_11/dice/batch_normalization_3/moving_mean", {2}, 0),
                                  filled("din_1/dense_11/dice/batch_normalization_3/moving_variance", {2}, 1),
                                  filled("din_1/dense_12/dice_1/batch_normalization_4/moving_mean", {2}, 0),
                                  filled("din_1/dense_12/dice_1/batch_normalization_4/moving_variance", {2}, 1),
                                  filled(first, {}, 0.25), filled(second, {}, 0.75)}));
    CHECK(network.tower.at(0).activation.alpha == Vector{0.25, 0.25});
    CHECK(network.tower.at(1).activation.alpha == Vector{0.75, 0.75});
  }
}

TEST_CASE("RecLearn's activations that leave no trace are sigmoid and ReLU, unless the recipe says otherwise",
          "[presets]") {
  CHECK(built(plain_tensors()).interests.at(0).layers.at(0).activation.kind == format::ActivationKind::sigmoid);
  CHECK(built(plain_tensors()).interests.at(0).layers.at(1).activation.kind == format::ActivationKind::identity);
  CHECK(built(plain_tensors(), "[attention]\nactivation = \"relu\"\n").interests.at(0).layers.at(0).activation.kind ==
        format::ActivationKind::relu);
}

TEST_CASE("A tower of RecLearn that is wider than its tables wants the dense features by name", "[presets]") {
  CHECK_THROWS_MATCHES(built(plain_tensors(2)), Error,
                       MessageMatches(ContainsSubstring("takes 8 numbers and gives 2, but its input of tables and "
                                                        "[inputs] dense has 6")));
}

TEST_CASE("Tables of RecLearn that do not add up to a key are an error", "[presets]") {
  std::vector<Tensor> tensors = plain_tensors();
  tensors[0] = filled("din_1/embedding_9/embeddings", {5, 3}, 1);
  CHECK_THROWS_MATCHES(built(std::move(tensors)), Error,
                       MessageMatches(ContainsSubstring("compares keys of 3 numbers")));
}

}  // namespace dinghy::converter
