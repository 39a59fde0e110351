// SparrowRecSys' DIN from weights alone, whose every number tells where it comes from.
#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <nlohmann/json.hpp>
#include <numeric>

#include "converter/error.h"
#include "converter/presets/presets.h"
#include "converter/readers/read_checkpoint.h"
#include "tests/converter/memory_tensor.h"

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::MessageMatches;

namespace dinghy::converter {
namespace {

constexpr std::int64_t kTowerInputs =
    3 + 1 + 1 + 1 + 1 + 1 + 4;  // numbers, user, genre, interest, movie, genre, numbers

Tensor ramp(const std::string& name, std::vector<std::int64_t> shape) {
  std::vector<float> numbers(
      static_cast<std::size_t>(std::accumulate(shape.begin(), shape.end(), std::int64_t{1}, std::multiplies<>())));
  std::iota(numbers.begin(), numbers.end(), 0.0f);
  return memory_tensor(name, std::move(shape), numbers);
}

// Vectors of width 1, three slots, two units; layers of the second model of a process.
Checkpoint script_checkpoint(std::int64_t tower_inputs = kTowerInputs) {
  return memory_checkpoint(
      {ramp("dense_10/kernel", {2, 1}), ramp("dense_10/bias", {1}), ramp("dense_11/kernel", {tower_inputs, 2}),
       ramp("dense_11/bias", {2}), ramp("dense_12/kernel", {2, 1}), ramp("dense_12/bias", {1}),
       ramp("dense_9/kernel", {4, 2}), ramp("dense_9/bias", {2}),
       ramp("dense_features_6/userGenre1_embedding/embedding_weights", {19, 1}),
       ramp("dense_features_6/userId_embedding/embedding_weights", {5, 1}),
       ramp("dense_features_7/movieGenre1_embedding/embedding_weights", {19, 1}),
       ramp("embedding_1/embeddings", {4, 1}), ramp("p_re_lu_3/alpha", {3, 2}), ramp("p_re_lu_4/alpha", {2})});
}

Network built(const Checkpoint& checkpoint, const std::string& text = "") {
  const Recipe recipe = parse_recipe(text, "recipe.toml");
  Conversion conversion(checkpoint, recipe);
  build_network(conversion, choose_preset(checkpoint, recipe));
  return conversion.network;
}

}  // namespace

TEST_CASE("Trap 10: SparrowRecSys compares in the order k-q, k, q, k*q, so rows move and the difference turns",
          "[presets]") {
  // Rows of two in the file: k-q 0 1, k 2 3, q 4 5, k*q 6 7.
  CHECK(built(script_checkpoint()).interests.at(0).layers.at(0).weight.values == Vector{4, 5, 2, 3, -0.0, -1, 6, 7});
}

TEST_CASE("Trap 9: a PReLU with alphas by slot makes the history as long as it has slots, the newest in the last",
          "[presets]") {
  const Network network = built(script_checkpoint());
  const Activation& prelu = network.interests.at(0).layers.at(0).activation;
  CHECK(prelu.kind == format::ActivationKind::prelu_position);
  CHECK(prelu.alpha == Vector{4, 5, 2, 3, 0, 1});
  CHECK(network.sequences.at(0).max_length == 3);
  CHECK(network.sequences.at(0).pad_side == format::PadSide::left);
  CHECK(network.sequences.at(0).keep == format::Keep::last);
}

TEST_CASE("Trap 16: SparrowRecSys masks nothing, so empty slots count with row 0", "[presets]") {
  const Network network = built(script_checkpoint());
  const Interest& interest = network.interests.at(0);
  CHECK(interest.pads == format::Pads::attend);
  CHECK(interest.pad_to == 3);
  CHECK(network.features.at(0).pad_row == 0);
  CHECK(interest.normalizer == format::Normalizer::sigmoid);
  CHECK(interest.scale == 1);
}

TEST_CASE("Trap 22: the columns of SparrowRecSys stand in the order of their names, tables among numbers",
          "[presets]") {
  const Network network = built(script_checkpoint());
  std::vector<std::string> order;
  for (const Part& part : network.tower_parts) {
    order.push_back(part.operand.source == format::Source::interest ? "interest"
                                                                    : network.features.at(part.operand.index).name);
  }
  CHECK(order == std::vector<std::string>{"userAvgRating", "userGenre1", "userId", "userRatingCount",
                                          "userRatingStddev", "interest", "movieId", "movieAvgRating", "movieGenre1",
                                          "movieRatingCount", "movieRatingStddev", "releaseYear"});
}

TEST_CASE("Weights of SparrowRecSys alone take the script's genres, of which an unknown one is a vector of zeros",
          "[presets]") {
  const Network network = built(script_checkpoint());
  const Table& genres = network.tables.at(1);
  CHECK(genres.name == "userGenre1");
  REQUIRE(genres.vocabulary >= 0);
  const auto& rows = network.vocabularies.at(static_cast<std::size_t>(genres.vocabulary)).string_rows;
  CHECK(rows.size() == 19);
  CHECK(rows.at(10) == std::pair<std::string, std::uint64_t>{"Drama", 10});
  CHECK(genres.missing == format::MissingId::zero);
  CHECK(network.tables.at(2).missing == format::MissingId::fail);
}

TEST_CASE("Other columns than the script's do not fit the tower, and the error says what tells them", "[presets]") {
  CHECK_THROWS_MATCHES(built(script_checkpoint(kTowerInputs + 2)), Error,
                       MessageMatches(ContainsSubstring("dense_11/kernel: takes 14 numbers") &&
                                      ContainsSubstring("model_config.json") && ContainsSubstring("has 12")));
}

TEST_CASE("A configuration of SparrowRecSys with a column that is not known is refused by its class", "[presets]") {
  Checkpoint checkpoint = script_checkpoint();
  const std::string layers =
      R"({"class_name": "DenseFeatures", "config": {"name": "dense_features_6", "feature_columns": [)"
      R"({"class_name": "BucketizedColumn", "config": {}}]}, "inbound_nodes": []},)"
      R"({"class_name": "Concatenate", "config": {"name": "all"}, "inbound_nodes": [[["dense_features_6", 0, 0, {}]]]},)"
      R"({"class_name": "Dense", "config": {"name": "a"}}, {"class_name": "Dense", "config": {"name": "b"}},)"
      R"({"class_name": "Dense", "config": {"name": "c"}, "inbound_nodes": [[["all", 0, 0, {}]]]})";
  checkpoint.documents.push_back(
      {"model_config", "din.h5: model_config", R"({"config": {"layers": [)" + layers + "]}}"});
  CHECK_THROWS_MATCHES(built(checkpoint), Error,
                       MessageMatches(ContainsSubstring("din.h5: model_config") &&
                                      ContainsSubstring("a column of the class BucketizedColumn")));
}

#ifndef DINGHY_WITHOUT_HDF5
TEST_CASE("Trap 47: a configuration that compares in another order than SparrowRecSys is refused", "[presets]") {
  Checkpoint checkpoint = read_checkpoint(DINGHY_SOURCE_DIR "/tests/golden/sparrow-form/din.model.h5");
  const auto document = std::ranges::find(checkpoint.documents, "model_config", &Document::name);
  REQUIRE(document != checkpoint.documents.end());
  nlohmann::json config = nlohmann::json::parse(document->text);
  for (nlohmann::json& layer : config["config"]["layers"]) {
    if (layer["class_name"] != "Subtract") continue;
    nlohmann::json& inputs = layer["inbound_nodes"][0];
    std::swap(inputs[0], inputs[1]);
  }
  document->text = config.dump();
  CHECK_THROWS_MATCHES(built(checkpoint), Error, MessageMatches(ContainsSubstring("another way than the script's")));
}
#endif

}  // namespace dinghy::converter
