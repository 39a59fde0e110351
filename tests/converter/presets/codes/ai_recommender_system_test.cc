// AI-RecommenderSystem's DIN from tensors with the names that Keras gives its layers.
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

const std::string kUnit = "attention_pooling_layer/local_activation_unit";

// A user and a movie of width 2, and one number; the logit of the attention has the lowest number of its layers.
std::vector<Tensor> tensors_with(const std::vector<Tensor>& more = {}) {
  std::vector<Tensor> tensors = {filled("emb_user/embeddings", {3, 2}, 1),
                                 filled("emb_movie/embeddings", {4, 2}, 2),
                                 filled("emb_hist_movie/embeddings", {5, 2}, 3),
                                 filled(kUnit + "/dense/kernel", {3, 1}, 1),
                                 filled(kUnit + "/dense/bias", {1}, 0.5f),
                                 filled(kUnit + "/dense_1/kernel", {8, 3}, 1),
                                 filled(kUnit + "/dense_1/bias", {3}, 0),
                                 filled("dense_2/kernel", {7, 2}, 1),
                                 filled("dense_2/bias", {2}, 0),
                                 filled("dense_3/kernel", {2, 1}, 1),
                                 filled("dense_3/bias", {1}, 0)};
  tensors.insert(tensors.end(), more.begin(), more.end());
  return tensors;
}

const std::string kInputs = "[inputs]\nuser = [\"user\", \"hist_len\"]\ncandidate = [\"movie\"]\n";

Network built(std::vector<Tensor> tensors, const std::string& text = kInputs) {
  const Checkpoint checkpoint = memory_checkpoint(std::move(tensors));
  const Recipe recipe = parse_recipe(text, "recipe.toml");
  Conversion conversion(checkpoint, recipe);
  build_network(conversion, choose_preset(checkpoint, recipe));
  return conversion.network;
}

std::vector<std::string> tower_order(const Network& network) {
  std::vector<std::string> order;
  for (const Part& part : network.tower_parts) {
    order.push_back(part.operand.source == format::Source::interest ? "interest"
                                                                    : network.features.at(part.operand.index).name);
  }
  return order;
}

}  // namespace

TEST_CASE("The tower of AI-RecommenderSystem takes numbers, tables and interests, in this order", "[presets]") {
  CHECK(tower_order(built(tensors_with())) == std::vector<std::string>{"hist_len", "user", "movie", "interest"});
  CHECK(tower_order(built(tensors_with(), kInputs + "order = [\"movie\", \"user\"]\n")) ==
        std::vector<std::string>{"hist_len", "movie", "user", "interest"});
}

TEST_CASE("Trap 26: the layer with the logit has the lowest number in an attention of AI-RecommenderSystem",
          "[presets]") {
  const Interest interest = built(tensors_with()).interests.at(0);
  REQUIRE(interest.layers.size() == 2);
  CHECK(interest.layers.at(0).weight.rows == 8);
  CHECK(interest.layers.at(1).bias == Vector{0.5});
}

TEST_CASE("Trap 12: AI-RecommenderSystem weighs behaviours by the raw logits, and none give zero", "[presets]") {
  const Interest interest = built(tensors_with()).interests.at(0);
  CHECK(interest.normalizer == format::Normalizer::raw);
  CHECK(interest.scale == 1);
  CHECK(interest.empty == format::EmptyHistory::zero);
}

TEST_CASE("Trap 21: behaviours of AI-RecommenderSystem have a table of their own", "[presets]") {
  const Network network = built(tensors_with());
  const Feature& movie = network.features.at(2);
  CHECK(movie.name == "movie");
  CHECK(network.tables.at(static_cast<std::size_t>(movie.table)).source.shape[0] == 4);
  CHECK(network.tables.at(static_cast<std::size_t>(movie.history_table)).source.shape[0] == 5);
}

TEST_CASE("AI-RecommenderSystem's PReLU has alphas by position, its Dice Keras' epsilon and an alpha for each channel",
          "[presets]") {
  const Network prelu = built(tensors_with({filled(kUnit + "/dense_1/p_re_lu/alpha", {6, 3}, 0.25f)}));
  CHECK(prelu.interests.at(0).layers.at(0).activation.kind == format::ActivationKind::prelu_position);
  CHECK(prelu.sequences.at(0).max_length == 6);
  CHECK(prelu.sequences.at(0).pad_side == format::PadSide::right);

  const std::string dice = kUnit + "/dense_1/dice";
  const Activation gate = built(tensors_with({memory_tensor(dice + "/alpha", {3}, {0.25, 0.5, 0.75}),
                                              filled(dice + "/batch_normalization/moving_mean", {3}, 2),
                                              filled(dice + "/batch_normalization/moving_variance", {3}, 0)}))
                              .interests.at(0)
                              .layers.at(0)
                              .activation;
  CHECK(gate.kind == format::ActivationKind::gate);
  CHECK(gate.alpha == Vector{0.25, 0.5, 0.75});
  CHECK_THAT(gate.scale.at(1), WithinAbs(1 / std::sqrt(1e-3), 1e-12));
  CHECK_THAT(gate.shift.at(1), WithinAbs(-2 / std::sqrt(1e-3), 1e-9));
}

TEST_CASE("Trap 39: tables of AI-RecommenderSystem that have lost their names are asked for", "[presets]") {
  CHECK_THROWS_MATCHES(built({filled("attention_pooling_layer/local_att/linear/vars/0", {3, 1}, 1),
                              filled("embedding/vars/0", {3, 2}, 1)}),
                       Error, MessageMatches(ContainsSubstring("model_config.json")));
}

TEST_CASE("Trap 39: tables of AI-RecommenderSystem without names have those of the configuration, by its order",
          "[presets]") {
  std::vector<Tensor> tensors = tensors_with();
  tensors[0].name = "embedding/vars/0";
  tensors[1].name = "embedding_1/vars/0";
  tensors[2].name = "embedding_2/vars/0";
  Checkpoint checkpoint = memory_checkpoint(std::move(tensors));
  std::string layers;
  for (const char* name : {"emb_user", "emb_movie", "emb_hist_movie"}) {
    layers += (layers.empty() ? "" : ",") +
              (R"({"class_name": "Embedding", "config": {"name": ")" + std::string(name) + R"("}})");
  }
  checkpoint.documents.push_back(
      {"model_config.json", "model_config.json", R"({"config": {"layers": [)" + layers + "]}}"});
  const Recipe recipe = parse_recipe(kInputs, "recipe.toml");
  Conversion conversion(checkpoint, recipe);
  build_network(conversion, choose_preset(checkpoint, recipe));
  CHECK(tower_order(conversion.network) == std::vector<std::string>{"hist_len", "user", "movie", "interest"});
  CHECK(conversion.network.tables.at(2).source.values().front() == 3);
}

}  // namespace dinghy::converter
