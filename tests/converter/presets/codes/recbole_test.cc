// What the preset makes of tensors and facts; that its numbers are right show the golden cases.
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

Tensor counted(const std::string& name, std::vector<std::int64_t> shape) {
  return numbered_tensor(name, std::move(shape), 0);
}

// Two fields of the item, of 4 and 3 rows, in a table of width 2; one hidden layer each.
Checkpoint small_checkpoint() {
  const std::string attention = "attention.att_mlp_layers.mlp_layers.1.", tower = "dnn_mlp_layers.mlp_layers.";
  Checkpoint checkpoint = memory_checkpoint(
      {counted(attention + "weight", {3, 16}), counted(attention + "bias", {3}),
       counted("attention.dense.weight", {1, 3}), counted("attention.dense.bias", {1}),
       counted(tower + "1.weight", {3, 12}), counted(tower + "1.bias", {3}), counted(tower + "2.weight", {3}),
       counted(tower + "2.bias", {3}), counted(tower + "2.running_mean", {3}), counted(tower + "2.running_var", {3}),
       counted("embedding_layer.token_embedding_table.user.embedding.weight", {9, 2}),
       counted("embedding_layer.token_embedding_table.item.embedding.weight", {7, 2}),
       counted("dnn_predict_layers.weight", {1, 3}), counted("dnn_predict_layers.bias", {1})});
  checkpoint.path = "DIN.pth";
  checkpoint.facts = {{"config.final_config_dict.MAX_ITEM_LIST_LENGTH", "50"},
                      {"other_parameter.embedding_layer.token_field_names.item", R"(["item_id","category"])"},
                      {"other_parameter.embedding_layer.token_field_dims.item", "[4,3]"}};
  return checkpoint;
}

Conversion built(const Checkpoint& checkpoint, const Recipe& recipe = {}) {
  Conversion conversion(checkpoint, recipe);
  build_network(conversion, choose_preset(checkpoint, recipe));
  return conversion;
}

void fails_with(const Checkpoint& checkpoint, const std::string& message) {
  CHECK_THROWS_MATCHES(built(checkpoint), Error, MessageMatches(ContainsSubstring(message)));
}

}  // namespace

TEST_CASE("Trap 8: the Dice of RecBole has no tensors and is x * sigmoid(x)", "[presets]") {
  const Checkpoint checkpoint = small_checkpoint();
  const std::vector<Layer> tower = built(checkpoint).network.tower;
  REQUIRE(tower.size() == 2);
  CHECK(tower[0].activation.kind == format::ActivationKind::gate);
  CHECK(tower[0].activation.scale == Vector(3, 1.0));
  CHECK(tower[0].activation.shift == Vector(3, 0.0));
  CHECK(tower[0].activation.alpha == Vector(3, 0.0));
  CHECK(tower[1].activation.kind == format::ActivationKind::identity);
}

TEST_CASE("Trap 19: every field of RecBole's shared table counts its ids from 0", "[presets]") {
  const Checkpoint checkpoint = small_checkpoint();
  const Network network = built(checkpoint).network;
  REQUIRE(network.tables.size() == 2);
  CHECK(network.tables[0].source.values() == std::vector<double>{0, 1, 2, 3, 4, 5, 6, 7});
  CHECK(network.tables[1].source.values() == std::vector<double>{8, 9, 10, 11, 12, 13});
  CHECK(network.tables[1].first_id == 0);
  CHECK(network.features[1].name == "category");
  CHECK(network.features[1].pad_row == 0);
}

TEST_CASE("Trap 30: RecBole's history keeps its last behaviours, as many as its configuration says", "[presets]") {
  const Checkpoint checkpoint = small_checkpoint();
  const Network network = built(checkpoint).network;
  CHECK(network.sequences[0].max_length == 50);
  CHECK(network.sequences[0].keep == format::Keep::last);
}

TEST_CASE("RecBole's tower takes interest, item and their product, and no feature of the user", "[presets]") {
  const Checkpoint checkpoint = small_checkpoint();
  const Conversion conversion = built(checkpoint);
  const Network& network = conversion.network;
  CHECK(network.features.size() == 2);
  REQUIRE(network.tower_parts.size() == 6);
  CHECK(network.tower_parts[1].operand.begin == 2);
  CHECK(network.tower_parts[2].operand.source == format::Source::feature);
  REQUIRE(network.tower_parts[5].times.has_value());
  CHECK(network.tower_parts[5].operand.begin == 2);
  CHECK(network.tower_parts[5].times->index == 1);
  CHECK(network.interests[0].scale == 0.5);
  CHECK(network.interests[0].normalizer == format::Normalizer::raw);
  REQUIRE(conversion.claims.ignored().size() == 1);
  CHECK(conversion.claims.ignored()[0].first == "embedding_layer.token_embedding_table.user.embedding.weight");
}

TEST_CASE("RecBole's raw ids are the tokens of the data set that the checkpoint holds, without its padding",
          "[presets]") {
  Checkpoint checkpoint = small_checkpoint();
  const std::string tokens = "other_parameter.embedding_layer.dataset.field2id_token.";
  checkpoint.documents = {{tokens + "item_id", "DIN.pth: items", R"(["[PAD]","9","7","30"])"},
                          {tokens + "category", "DIN.pth: categories", R"(["[PAD]","tools","toys"])"}};
  const Network network = built(checkpoint).network;
  REQUIRE(network.vocabularies.size() == 2);
  CHECK(network.vocabularies[0].int64_rows ==
        std::vector<std::pair<std::int64_t, std::uint64_t>>{{9, 1}, {7, 2}, {30, 3}});
  CHECK(network.vocabularies[1].string_rows ==
        std::vector<std::pair<std::string, std::uint64_t>>{{"tools", 1}, {"toys", 2}});
  CHECK(network.tables[1].missing == format::MissingId::fail);

  const Conversion rows = built(checkpoint, parse_recipe("[ids.item_id]\nfirst = 0\n", "r.toml"));
  CHECK(rows.network.tables[0].vocabulary < 0);

  checkpoint.documents[1].text = R"(["[PAD]","tools"])";
  fails_with(checkpoint, "DIN.pth: categories: has 2 tokens, the table of category 3 rows");
}

TEST_CASE("presets: RecBole's tokens that are there and were not read are no row numbers", "[presets]") {
  Checkpoint checkpoint = small_checkpoint();
  const std::string dataset = "other_parameter.embedding_layer.dataset";
  for (const std::string& place :
       {dataset + ".field2id_token.category", dataset + ".field2id_token", dataset, std::string()}) {
    CAPTURE(place);
    checkpoint.unread = {{place, "has a key of another kind"}};
    fails_with(checkpoint, "has a key of another kind, which is not read");
  }
  checkpoint.unread = {{dataset + ".field2id_token.user_id", "is an array"},
                       {dataset + ".field2id_tokens", "is one, too"}};
  CHECK(built(checkpoint).network.vocabularies.empty());
}

TEST_CASE("A recipe cannot take the sigmoid from a code whose scores are always probabilities", "[presets]") {
  const Checkpoint checkpoint = small_checkpoint();
  CHECK_THROWS_MATCHES(built(checkpoint, parse_recipe("[head]\nlink = \"identity\"", "r.toml")), Error,
                       MessageMatches(ContainsSubstring("r.toml: [head] link = \"identity\": this code has always")));
}

TEST_CASE("RecBole's fields must fill the table, and be tokens", "[presets]") {
  Checkpoint checkpoint = small_checkpoint();
  checkpoint.facts[2].second = "[4,4]";
  fails_with(checkpoint, "DIN.pth: token_field_dims do not divide the item's table of 7 rows");
  checkpoint.facts[2].second = "[4,2]";
  fails_with(checkpoint, "2 fields with 6 rows do not fit an attention on 2 fields and a table of 7 rows");
  checkpoint.facts.emplace_back("other_parameter.embedding_layer.token_seq_field_names.item", R"(["genres"])");
  fails_with(checkpoint, "the item's field \"genres\" is of the type token_seq");
  checkpoint.facts.clear();
  fails_with(checkpoint, "has 2 fields of the item in one table, and only the file that RecBole itself saves");
}

}  // namespace dinghy::converter
