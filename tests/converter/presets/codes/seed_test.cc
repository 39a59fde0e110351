// Variants of the Keras network that the golden cases do not have.
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

// Without a query layer, with PReLU in the attention and no tensors for the tower's activation.
Checkpoint plain_checkpoint(const std::string& user = "user") {
  return memory_checkpoint(
      {memory_tensor(user + "_emb/embeddings", {2, 1}, {1, 2}),
       memory_tensor("item_emb/embeddings", {2, 4}, std::vector<float>(8, 1)),
       memory_tensor("attention/ffn_0/kernel", {16, 2}, std::vector<float>(32, 1)),
       memory_tensor("attention/ffn_0/bias", {2}, {0, 0}), memory_tensor("attention/prelu_0/alpha", {2}, {0.25, 0.5}),
       memory_tensor("attention/score/kernel", {2, 1}, {1, 1}), memory_tensor("attention/score/bias", {1}, {0}),
       memory_tensor("top_0/kernel", {9, 1}, std::vector<float>(9, 1)), memory_tensor("top_0/bias", {1}, {0}),
       memory_tensor("logit/kernel", {1, 1}, {1}), memory_tensor("logit/bias", {1}, {0})});
}

Network built(const Checkpoint& checkpoint, const std::string& text) {
  const Recipe recipe = parse_recipe(text, "recipe.toml");
  Conversion conversion(checkpoint, recipe);
  build_network(conversion, choose_preset(checkpoint, recipe));
  return conversion.network;
}

}  // namespace

TEST_CASE("A Keras DIN without query layer and Dice has what its tensors show", "[presets]") {
  const Network network = built(plain_checkpoint(), "[tower]\nactivation = \"relu\"\n");
  const Interest& interest = network.interests.at(0);
  CHECK(interest.query_layers.empty());
  CHECK(interest.layers.at(0).activation.kind == format::ActivationKind::prelu);
  CHECK(interest.layers.at(0).activation.alpha == Vector{0.25, 0.5});
  CHECK(interest.normalizer == format::Normalizer::softmax);
  CHECK_THAT(interest.scale, WithinAbs(0.5, 1e-12));
  CHECK(interest.empty == format::EmptyHistory::pad_row);
  CHECK(network.tower.at(0).activation.kind == format::ActivationKind::relu);
}

TEST_CASE("The recipe overrides scale, softmax and what an empty history gives", "[presets]") {
  const Interest interest =
      built(plain_checkpoint(), "[attention]\nscale = 2\nsoftmax = false\n[history]\nempty = \"reject\"\n")
          .interests.at(0);
  CHECK(interest.scale == 2);
  CHECK(interest.normalizer == format::Normalizer::raw);
  CHECK(interest.empty == format::EmptyHistory::reject);
}

TEST_CASE("Trap 1: Dice of the Keras DIN adds 1e-9 to the variance, unless the recipe says otherwise", "[presets]") {
  Checkpoint checkpoint = plain_checkpoint();
  checkpoint.tensors.push_back(memory_tensor("top_dice_0/alpha", {1}, {0}));
  checkpoint.tensors.push_back(memory_tensor("top_dice_0/moving_mean", {1}, {0}));
  checkpoint.tensors.push_back(memory_tensor("top_dice_0/moving_variance", {1}, {0}));
  CHECK_THAT(built(checkpoint, "").tower.at(0).activation.scale.at(0), WithinAbs(1 / std::sqrt(1e-9), 1e-6));
  CHECK_THAT(built(checkpoint, "[epsilon]\ndice = 1e-4\n").tower.at(0).activation.scale.at(0), WithinAbs(100, 1e-9));
}

TEST_CASE("Trap 11: the logits of the Keras DIN are divided by the root of a key's width, not of a layer's",
          "[presets]") {
  CHECK_THAT(built(plain_checkpoint(), "").interests.at(0).scale, WithinAbs(1 / std::sqrt(4.0), 1e-12));
}

TEST_CASE("A wrong guess at the history's features does not fit the attention's width, and the error says so",
          "[presets]") {
  CHECK_THROWS_MATCHES(built(plain_checkpoint("member"), ""), Error,
                       MessageMatches(ContainsSubstring("attention/ffn_0/kernel: takes 16 numbers and gives 2, but the "
                                                        "input of the attention has 20")));
  const Network network = built(plain_checkpoint("member"),
                                "[inputs]\nuser = [\"member\"]\ncandidate = [\"item\"]\nhistory = [\"item\"]\n");
  CHECK(network.features.at(0).role == format::Role::user);
  CHECK(network.interests.at(0).fields.size() == 1);
}

TEST_CASE("Trap 38: tf.train.Checkpoint loses the layers in a Keras 3 model's lists, which is said", "[presets]") {
  Checkpoint checkpoint = plain_checkpoint();
  std::erase_if(checkpoint.tensors, [](const Tensor& tensor) {
    return tensor.name.starts_with("attention/ffn_") || tensor.name.starts_with("attention/prelu_");
  });
  CHECK_THROWS_MATCHES(
      built(checkpoint, ""), Error,
      MessageMatches(ContainsSubstring("lacks the layers attention/ffn_0") && ContainsSubstring("save_weights")));
}

}  // namespace dinghy::converter
