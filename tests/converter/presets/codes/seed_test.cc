// Variants of the Keras network that the golden cases do not have.
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

// Batch norm of one channel that makes 3 x - 1 of x, where epsilon is 3.
void add_norm(Checkpoint& checkpoint, const std::string& layer) {
  for (const auto& [name, value] : {std::pair("gamma", 6.0F), std::pair("beta", -4.0F), std::pair("moving_mean", -1.0F),
                                    std::pair("moving_variance", 1.0F)}) {
    checkpoint.tensors.push_back(memory_tensor(layer + "/" + name, {1}, {value}));
  }
}

std::string layer(const std::string& class_name, const std::string& name, const std::string& input,
                  const std::string& settings = "") {
  const std::string from = input.empty() ? "" : "[[\"" + input + "\", 0, 0, {}]]";
  return R"({"class_name": ")" + class_name + R"(", "config": {"name": ")" + name + "\"" + settings +
         R"(}, "inbound_nodes": [)" + from + "]}";
}

// The tower as a configuration has it: `layers` stand between top_in and logit, the last is `last`.
void configure(Checkpoint& checkpoint, const std::string& layers, const std::string& last) {
  const std::string text = R"({"config": {"layers": [)" + layer("Embedding", "user_emb", "") + "," +
                           layer("Embedding", "item_emb", "") +
                           R"(, {"class_name": "Concatenate", "config": {"name": "top_in"},
            "inbound_nodes": [[["user_emb", 0, 0, {}], ["item_emb", 0, 0, {}]]]},)" +
                           layers + "," + layer("Dense", "logit", last, R"(, "activation": "sigmoid")") + "]}}";
  checkpoint.documents = {{"model_config", "din.keras: config.json", text}};
}

TEST_CASE("Trap 53: batch norm of a Keras tower stands where its configuration puts it", "[presets]") {
  Checkpoint checkpoint = plain_checkpoint();
  add_norm(checkpoint, "batch_normalization_7");
  const std::string epsilon = R"(, "epsilon": 3)",
                    top = layer("Dense", "top_0", "top_in", R"(, "activation": "linear")");
  const auto norm = [&](const std::string& input) {
    return layer("BatchNormalization", "batch_normalization_7", input, epsilon);
  };
  const auto relu = [&](const std::string& input) {
    return layer("Activation", "act", input, R"(, "activation": "relu")");
  };
  configure(checkpoint, top + "," + norm("top_0") + "," + relu("batch_normalization_7"), "act");
  std::vector<Layer> tower = built(checkpoint, "").tower;
  CHECK(tower.at(0).weight.at(0, 0) == 3);
  CHECK(tower[0].bias.at(0) == -1);
  CHECK(tower[0].activation.kind == format::ActivationKind::relu);
  CHECK(tower.at(1).weight.at(0, 0) == 1);

  configure(checkpoint, top + "," + relu("top_0") + "," + norm("act"), "batch_normalization_7");
  tower = built(checkpoint, "").tower;
  CHECK(tower.at(0).weight.at(0, 0) == 1);
  CHECK(tower.at(1).weight.at(0, 0) == 3);
  CHECK(tower[1].bias.at(0) == -1);

  // Each has an epsilon of its own.
  add_norm(checkpoint, "norm_8");
  configure(checkpoint,
            top + "," + norm("top_0") + "," + relu("batch_normalization_7") + "," +
                layer("BatchNormalization", "norm_8", "act", R"(, "epsilon": 8)"),
            "norm_8");
  tower = built(checkpoint, "").tower;
  CHECK(tower.at(0).weight.at(0, 0) == 3);
  CHECK(tower.at(1).weight.at(0, 0) == 2);

  configure(checkpoint, top + "," + layer("GaussianNoise", "noise", "top_0"), "noise");
  CHECK_THROWS_MATCHES(
      built(checkpoint, ""), Error,
      MessageMatches(ContainsSubstring("has the layer \"noise\" of the class GaussianNoise in its tower")));
}

TEST_CASE("A layer of one's own may have its name beside its settings alone", "[presets]") {
  Checkpoint checkpoint = plain_checkpoint();
  add_norm(checkpoint, "noise");
  const std::string top = layer("Dense", "top_0", "top_in");
  configure(checkpoint,
            top + R"(, {"class_name": "din>Gate", "config": {"trainable": true}, "name": "top_dice_0",
                        "inbound_nodes": [[["top_0", 0, 0, {}]]]}, )" +
                layer("BatchNormalization", "noise", "top_dice_0", R"(, "epsilon": 3)"),
            "noise");
  CHECK(built(checkpoint, "").tower.at(1).weight.at(0, 0) == 3);
}

TEST_CASE("Trap 53: without a configuration batch norm of a Keras tower has an assumed place", "[presets]") {
  for (const std::string name : {"top_bn_0", "top_0_bn", "batch_normalization"}) {
    Checkpoint checkpoint = plain_checkpoint();
    add_norm(checkpoint, name);
    const Recipe recipe = parse_recipe("[epsilon]\nbatch_norm = 3\n", "recipe.toml");
    Conversion conversion(checkpoint, recipe);
    build_network(conversion, choose_preset(checkpoint, recipe));
    CHECK(conversion.network.tower.at(0).weight.at(0, 0) == 3);
    const auto place = std::ranges::find(conversion.findings, "places of batch norm in the tower", &Finding::subject);
    REQUIRE(place != conversion.findings.end());
    CHECK(place->certainty == Certainty::assumed);
  }
  Checkpoint checkpoint = plain_checkpoint();
  add_norm(checkpoint, "top_bn");
  CHECK_THROWS_MATCHES(
      built(checkpoint, ""), Error,
      MessageMatches(ContainsSubstring("has batch norm \"top_bn\", and no name tells where it stands")));
}

TEST_CASE("An object graph of Keras 3 may have the name of a layer twice", "[presets]") {
  Checkpoint checkpoint = plain_checkpoint();
  for (Tensor& tensor : checkpoint.tensors) {
    const std::size_t last = tensor.name.rfind('/'), before = tensor.name.rfind('/', last - 1);
    tensor.name.insert(last, "/" + tensor.name.substr(before + 1, last - before - 1));
  }
  REQUIRE(checkpoint.find("attention/score/score/kernel"));
  const Network network = built(checkpoint, "");
  CHECK(network.features.at(0).name == "user");
  CHECK(network.interests.at(0).layers.size() == 2);
}

TEST_CASE("Trap 22: an object graph lists Keras' layers by their depth, so their order is assumed", "[presets]") {
  Checkpoint checkpoint = plain_checkpoint();
  std::swap(checkpoint.tensors[0], checkpoint.tensors[1]);
  checkpoint.format = "tensorflow object checkpoint ckpt-1";
  const Recipe recipe;
  Conversion conversion(checkpoint, recipe);
  build_network(conversion, choose_preset(checkpoint, recipe));
  CHECK(conversion.network.features.at(0).name == "user");
  const auto order = std::ranges::find(conversion.findings, "order of the features", &Finding::subject);
  REQUIRE(order != conversion.findings.end());
  CHECK(order->certainty == Certainty::assumed);
}

}  // namespace dinghy::converter
