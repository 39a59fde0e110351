// What the preset makes of widths and of the file of names; that its numbers are right show the golden cases.
#include <algorithm>
#include <catch2/catch_approx.hpp>
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

#include "converter/error.h"
#include "converter/presets/presets.h"
#include "tests/converter/memory_tensor.h"

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::MessageMatches;

namespace dinghy::converter {
namespace {

Tensor variable(const std::string& name, std::vector<std::int64_t> shape) {
  return ones(name + ":0", std::move(shape));
}

// Vectors of 2 numbers, two sparse features of which one is the item's; hidden layers of 3 and 4.
Checkpoint small_checkpoint(const std::string& names) {
  Checkpoint checkpoint = memory_checkpoint({variable("embedding/user_embeds_var", {6, 2}),
                                             variable("embedding/item_embeds_var", {8, 2}),
                                             variable("embedding/sparse_embeds_var", {9, 2}),
                                             variable("embedding/user_embeds_var/Adam", {6, 2}),
                                             variable("beta1_power", {}),
                                             variable("attention/attention_layer1/kernel", {16, 3}),
                                             variable("attention/attention_layer1/bias", {3}),
                                             variable("attention/attention_layer2/kernel", {3, 1}),
                                             variable("attention/attention_layer2/bias", {1}),
                                             variable("mlp/mlp_layer1/kernel", {12, 3}),
                                             variable("mlp/mlp_layer1/bias", {3}),
                                             variable("mlp/batch_normalization/gamma", {12}),
                                             variable("mlp/batch_normalization/beta", {12}),
                                             variable("mlp/batch_normalization/moving_mean", {12}),
                                             variable("mlp/batch_normalization/moving_variance", {12}),
                                             variable("mlp/batch_normalization_1/gamma", {3}),
                                             variable("mlp/batch_normalization_1/beta", {3}),
                                             variable("mlp/batch_normalization_1/moving_mean", {3}),
                                             variable("mlp/batch_normalization_1/moving_variance", {3}),
                                             variable("mlp/mlp_layer2/kernel", {3, 4}),
                                             variable("mlp/mlp_layer2/bias", {4}),
                                             variable("dense/kernel", {4, 1}),
                                             variable("dense/bias", {1})});
  if (!names.empty()) checkpoint.documents.push_back({"din_data_info_name_mapping.json", "x.json", names});
  return checkpoint;
}

Network built(const Checkpoint& checkpoint, const Recipe& recipe = {}) {
  Conversion conversion(checkpoint, recipe);
  build_network(conversion, choose_preset(checkpoint, recipe));
  return conversion.network;
}

const std::string kNames = R"({"sparse_col": {"sex": 0, "genre": 1}, "item_sparse_col": {"genre": 0}})";

}  // namespace

TEST_CASE("The last row of LibRecommender's tables is padding and stands for unknown ids", "[presets]") {
  const Network network = built(small_checkpoint(kNames));
  REQUIRE(network.features.size() == 4);
  CHECK(network.features[1].pad_row == 7);
  CHECK(network.tables[1].missing == format::MissingId::row);
  CHECK(network.tables[1].missing_row == 7);
  CHECK(network.features[2].name == "sex");
  CHECK(network.features[2].sequence < 0);
  CHECK(network.features[3].name == "genre");
  CHECK(network.features[3].pad_row == 8);
  CHECK(network.features[2].table == network.features[3].table);
}

TEST_CASE("Trap 11: LibRecommender scales its logits before the mask, by the root of a key's width", "[presets]") {
  const Network network = built(small_checkpoint(kNames));
  CHECK(network.interests[0].scale == Catch::Approx(1 / std::sqrt(4.0)));
  CHECK(network.interests[0].normalizer == format::Normalizer::softmax);
  CHECK(network.interests[0].empty == format::EmptyHistory::pad_row);
}

TEST_CASE("LibRecommender's empty history has a vector only where the item's sparse feature is the table's last",
          "[presets]") {
  const Network network =
      built(small_checkpoint(R"({"sparse_col": {"genre": 0, "sex": 1}, "item_sparse_col": {"genre": 0}})"));
  CHECK(network.features[2].name == "genre");
  CHECK(network.interests[0].empty == format::EmptyHistory::reject);
}

TEST_CASE("LibRecommender's last hidden layer is bare, batch norm comes behind an activation", "[presets]") {
  const Network network = built(small_checkpoint(kNames));
  REQUIRE(network.tower.size() == 3);
  CHECK(network.tower[0].activation.kind == format::ActivationKind::relu);
  CHECK(network.tower[0].weight.at(0, 0) == Catch::Approx(1 / std::sqrt(1 + 1e-3)));
  CHECK(network.tower[1].weight.at(0, 0) == Catch::Approx(1 / std::sqrt(1 + 1e-3)));
  CHECK(network.tower[1].activation.kind == format::ActivationKind::identity);
}

// The user's age and the item's price and weight beside the sparse features.
Checkpoint checkpoint_with_numbers(const std::string& names) {
  Checkpoint checkpoint = small_checkpoint(names);
  for (Tensor& tensor : checkpoint.tensors) {
    if (tensor.name == "attention/attention_layer1/kernel:0")
      tensor = variable("attention/attention_layer1/kernel", {32, 3});
    if (tensor.name.starts_with("mlp/batch_normalization/")) tensor = ones(tensor.name, {22});
    if (tensor.name == "mlp/mlp_layer1/kernel:0") tensor = variable("mlp/mlp_layer1/kernel", {22, 3});
  }
  checkpoint.tensors.push_back(memory_tensor("embedding/dense_embeds_var:0", {3, 2}, {1, 2, 3, 4, 5, 6}));
  return checkpoint;
}

TEST_CASE("LibRecommender's dense features are numbers times their row, those of the item in the history too",
          "[presets]") {
  const std::string names =
      R"({"sparse_col": {"sex": 0, "genre": 1}, "item_sparse_col": {"genre": 1},
          "dense_col": {"price": 0, "age": 1, "weight": 2}, "item_dense_col": {"price": 0, "weight": 2}})";
  const Network network = built(checkpoint_with_numbers(names));
  REQUIRE(network.features.size() == 7);
  const Feature &price = network.features[4], &age = network.features[5];
  CHECK(price.name == "price");
  CHECK(price.role == format::Role::candidate);
  CHECK(price.sequence == 0);
  CHECK(price.projection->weight.values == Vector{1, 2});
  CHECK(age.role == format::Role::user);
  CHECK(age.sequence < 0);
  CHECK(age.projection->weight.values == Vector{3, 4});
  const std::vector<Field>& fields = network.interests[0].fields;
  REQUIRE(fields.size() == 4);
  CHECK(fields[1].key == 3);
  CHECK(fields[2].key == 4);
  CHECK(fields[3].key == 6);
  CHECK(network.tower_parts.size() == 8);
}

TEST_CASE("Trap 42: LibRecommender pads numbers with their means, without which an empty history is an error",
          "[presets]") {
  const std::string names =
      R"({"sparse_col": {"genre": 0, "sex": 1}, "item_sparse_col": {"sex": 1},
          "dense_col": {"price": 0, "age": 1, "weight": 2}, "item_dense_col": {"price": 0, "weight": 2}})";
  Checkpoint checkpoint = checkpoint_with_numbers(names);
  CHECK(built(checkpoint).interests[0].empty == format::EmptyHistory::reject);
  CHECK_THROWS_MATCHES(
      built(checkpoint, parse_recipe("[history]\nempty = \"pad_row\"", "r.toml")), Error,
      MessageMatches(ContainsSubstring("means of the item's numbers, which the package's MODEL_data")));
  const std::string file = "din_data_info.npz: item_dense_unique";
  checkpoint.documents.push_back({file, file, "[0.5,-2]"});
  const Network network = built(checkpoint);
  CHECK(network.interests[0].empty == format::EmptyHistory::pad_row);
  CHECK(network.features[4].pad_vector == Vector{0.5, 1});
  CHECK(network.features[6].pad_vector == Vector{-10, -12});
  checkpoint.documents.back().text = "[0.5]";
  CHECK_THROWS_MATCHES(built(checkpoint), Error,
                       MessageMatches(ContainsSubstring("has 1 numbers of an item, the checkpoint has 2")));
}

TEST_CASE("LibRecommender's dense features have their names in the file beside the variables", "[presets]") {
  CHECK_THROWS_MATCHES(built(checkpoint_with_numbers("")), Error,
                       MessageMatches(ContainsSubstring("has 2 sparse and 3 dense features, 3 of the item")));
  CHECK_THROWS_MATCHES(
      built(checkpoint_with_numbers(kNames)), Error,
      MessageMatches(ContainsSubstring("names 2 sparse and 0 dense features, 1 of the item; the "
                                       "checkpoint has 2 sparse and 3 dense features, 3 of the item")));
}

// sex has the rows 0 to 2, genre 3 to 8.
Checkpoint checkpoint_with_ids() {
  Checkpoint checkpoint = small_checkpoint(kNames);
  const auto add = [&](const std::string& name, const std::string& text) {
    checkpoint.documents.push_back({"din_data_info.npz: " + name, "din_data_info.npz: " + name, text});
  };
  add("user_unique_vals", R"(["ann","bob","eve","joe","sue"])");
  add("item_unique_vals", "[10,20,30,40,50,60,70]");
  add("unique_sex", R"(["f","m"])");
  add("unique_genre", "[1,2,3,4,5]");
  add("sparse_offset", "[0,3]");
  add("sparse_oov", "[2,8]");
  return checkpoint;
}

TEST_CASE("LibRecommender's raw ids come from the data that is saved beside the model", "[presets]") {
  const Network network = built(checkpoint_with_ids());
  REQUIRE(network.features.size() == 4);
  const auto table = [&](std::size_t feature) {
    return network.tables.at(static_cast<std::size_t>(network.features[feature].table));
  };
  const auto vocabulary = [&](std::size_t feature) {
    return network.vocabularies.at(static_cast<std::size_t>(table(feature).vocabulary));
  };
  CHECK(vocabulary(0).string_rows.at(1) == std::pair<std::string, std::uint64_t>("bob", 1));
  CHECK(vocabulary(1).int64_rows.at(6) == std::pair<std::int64_t, std::uint64_t>(70, 6));
  CHECK(table(1).missing_row == 7);
  CHECK(vocabulary(2).string_rows.size() == 2);
  CHECK(table(2).source.shape == std::vector<std::int64_t>{3, 2});
  CHECK(table(2).missing_row == 2);
  CHECK(table(3).source.offset == 6);
  CHECK(table(3).source.shape == std::vector<std::int64_t>{6, 2});
  CHECK(table(3).missing_row == 5);
  CHECK(network.features[3].pad_row == 5);
}

TEST_CASE("Trap 48: an item that training did not see has unknown sparse features, as for LibRecommender",
          "[presets]") {
  const auto said = [](const Checkpoint& checkpoint) {
    const Recipe recipe;
    Conversion conversion(checkpoint, recipe);
    build_network(conversion, choose_preset(checkpoint, recipe));
    const auto found = std::ranges::find(conversion.findings, "an item that training did not see", &Finding::subject);
    return found == conversion.findings.end() ? std::string() : found->value;
  };
  CHECK(said(small_checkpoint(kNames)) == "has no genre either: send the row of its sparse_oov");
  CHECK(said(checkpoint_with_ids()) == "has no genre either: send a value that training did not see");
  const Network network = built(checkpoint_with_ids());
  const Table& genres = network.tables.at(static_cast<std::size_t>(network.features[3].table));
  CHECK(genres.missing == format::MissingId::row);
  CHECK(genres.missing_row == 5);  // sparse_oov - sparse_offset
  // The package's own score of such an item is among the golden rows: the row behind the last item, and sparse_oov.
  std::ifstream golden(DINGHY_SOURCE_DIR "/tests/golden/librecommender/golden.jsonl");
  bool scored = false;
  for (std::string line; std::getline(golden, line);) {
    const nlohmann::json candidates = nlohmann::json::parse(line)["candidates"];
    for (std::size_t i = 0; i < candidates["item"].size(); ++i) {
      scored |= candidates["item"][i] == 120 && candidates["category"][i] == 17;
    }
  }
  CHECK(scored);
}

TEST_CASE("With LibRecommender's data an empty history has a vector wherever the item's sparse features lie",
          "[presets]") {
  Checkpoint checkpoint = checkpoint_with_ids();
  checkpoint.documents[0].text = R"({"sparse_col": {"genre": 0, "sex": 1}, "item_sparse_col": {"genre": 0}})";
  checkpoint.documents[5].text = "[0,6]";
  checkpoint.documents[6].text = "[5,8]";
  CHECK(built(checkpoint).interests[0].empty == format::EmptyHistory::pad_row);
}

TEST_CASE("LibRecommender's data of another model is refused", "[presets]") {
  Checkpoint checkpoint = checkpoint_with_ids();
  checkpoint.documents[6].text = "[2,9]";
  CHECK_THROWS_MATCHES(built(checkpoint), Error,
                       MessageMatches(ContainsSubstring("\"genre\": has 5 values for rows 3 to 9 of a table of 9")));
  checkpoint = checkpoint_with_ids();
  checkpoint.documents[2].text = "[10,20,30,40,50,60,70,80,90]";
  CHECK_THROWS_MATCHES(built(checkpoint), Error, MessageMatches(ContainsSubstring("a vocabulary gives row 8")));
}

TEST_CASE("LibRecommender's scores are probabilities or ratings, as the file of its settings says", "[presets]") {
  Checkpoint checkpoint = small_checkpoint(kNames);
  checkpoint.documents.push_back({"din_hyper_parameters.json", "h.json", R"({"task": "rating", "recent_num": 7})"});
  Network network = built(checkpoint);
  CHECK(network.head.link == format::Link::identity);
  CHECK(network.sequences[0].max_length == 7);
  CHECK(built(checkpoint, parse_recipe("[head]\nlink = \"sigmoid\"", "r.toml")).head.link == format::Link::sigmoid);

  checkpoint.documents.back().text = R"({"task": "ranking", "recent_num": null, "random_num": null})";
  network = built(checkpoint);
  CHECK(network.head.link == format::Link::sigmoid);
  CHECK(network.sequences[0].max_length == 10);

  checkpoint.documents.back().text = R"({"task": "sorting"})";
  CHECK_THROWS_MATCHES(
      built(checkpoint), Error,
      MessageMatches(ContainsSubstring("h.json: task is \"sorting\"; the package knows ranking and rating")));
}

TEST_CASE("Without LibRecommender's settings a probability is an assumption, which a recipe can correct", "[presets]") {
  const Checkpoint checkpoint = small_checkpoint(kNames);
  const Recipe recipe;
  Conversion conversion(checkpoint, recipe);
  build_network(conversion, choose_preset(checkpoint, recipe));
  const auto score = std::ranges::find(conversion.findings, "score", &Finding::subject);
  REQUIRE(score != conversion.findings.end());
  CHECK(score->certainty == Certainty::assumed);
  CHECK(score->recipe_line.value().line == "link = \"sigmoid\"");
  CHECK(built(checkpoint, parse_recipe("[head]\nlink = \"identity\"", "r.toml")).head.link == format::Link::identity);
}

TEST_CASE("LibRecommender's sparse features have their names in a file beside the variables", "[presets]") {
  CHECK_THROWS_MATCHES(built(small_checkpoint("")), Error,
                       MessageMatches(ContainsSubstring("has 2 sparse features, 1 of the item")));
  CHECK_THROWS_MATCHES(
      built(small_checkpoint(R"({"sparse_col": {"sex": 0}})")), Error,
      MessageMatches(ContainsSubstring(
          "names 1 sparse and 0 dense features, 0 of the item; the checkpoint has 2 sparse features, 1 "
          "of the item")));
  CHECK_THROWS_MATCHES(built(small_checkpoint("[")), Error, MessageMatches(ContainsSubstring("is no JSON object")));
}

// use_tf_attention: no layers of an attention, which only the settings tell from other models of the package.
Checkpoint checkpoint_with_dot() {
  Checkpoint checkpoint = small_checkpoint(kNames);
  std::erase_if(checkpoint.tensors, [](const Tensor& tensor) { return tensor.name.starts_with("attention/"); });
  checkpoint.documents.push_back({"din_hyper_parameters.json", "h.json", R"({"use_tf_attention": true})"});
  return checkpoint;
}

TEST_CASE("LibRecommender's use_tf_attention is a dot product without a scale", "[presets]") {
  const Interest interest = built(checkpoint_with_dot()).interests.at(0);
  CHECK(interest.score == format::Score::dot);
  CHECK(interest.layers.empty());
  CHECK(interest.scale == 1);
  CHECK(interest.normalizer == format::Normalizer::softmax);
  CHECK(interest.fields.size() == 2);
}

TEST_CASE("Trap 49: LibRecommender's tensors without an attention are a DIN where settings say so", "[presets]") {
  Checkpoint checkpoint = checkpoint_with_dot();
  checkpoint.documents.pop_back();
  CHECK_THROWS_MATCHES(built(checkpoint), Error, MessageMatches(ContainsSubstring("no preset knows")));
  CHECK_THROWS_MATCHES(built(checkpoint, parse_recipe("preset = \"librecommender\"", "r.toml")), Error,
                       MessageMatches(ContainsSubstring("has no layers of an attention") &&
                                      ContainsSubstring("MODEL_hyper_parameters.json")));
  Checkpoint of_two = small_checkpoint(kNames);
  of_two.documents.push_back(checkpoint_with_dot().documents.back());
  CHECK_THROWS_MATCHES(built(of_two), Error, MessageMatches(ContainsSubstring("they are of two trainings")));
}

TEST_CASE("With a dot product LibRecommender's names say which sparse features a key has", "[presets]") {
  Checkpoint checkpoint = checkpoint_with_dot();
  checkpoint.documents.erase(checkpoint.documents.begin());
  CHECK_THROWS_MATCHES(built(checkpoint), Error,
                       MessageMatches(ContainsSubstring("no tensor tells which the item's are; give the package's "
                                                        "MODEL_data_info_name_mapping.json")));
}

}  // namespace dinghy::converter
