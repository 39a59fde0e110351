// What the preset makes of ReChorus' names; that its numbers are right show the golden cases.
#include <catch2/catch_approx.hpp>
#include <catch2/catch_test_macros.hpp>
#include <cmath>

#include "converter/presets/presets.h"
#include "tests/converter/memory_tensor.h"

namespace dinghy::converter {
namespace {

// user_id, `number`, item_id, a category and the hour, of width 2 each.
Checkpoint checkpoint_with(const std::string& number, std::int64_t attention = 16, std::int64_t tower = 18) {
  return memory_checkpoint(
      {ones("embedding_dict.user_id.weight", {5, 2}), ones("embedding_dict." + number + ".weight", {2, 1}),
       ones("embedding_dict.item_id.weight", {7, 2}), ones("embedding_dict.i_category_c.weight", {4, 2}),
       ones("embedding_dict.c_hour_c.weight", {24, 2}), ones("att_mlp_layers.mlp.0.weight", {3, attention}),
       ones("att_mlp_layers.mlp.0.bias", {3}), ones("att_mlp_layers.mlp.2.weight", {1, 3}),
       ones("att_mlp_layers.mlp.2.bias", {1}), ones("dnn_mlp_layers.mlp.0.weight", {1, tower}),
       ones("dnn_mlp_layers.mlp.0.bias", {1})});
}

Network built(const Checkpoint& checkpoint) {
  const Recipe recipe;
  Conversion conversion(checkpoint, recipe);
  build_network(conversion, choose_preset(checkpoint, recipe));
  return conversion.network;
}

}  // namespace

TEST_CASE("Trap 11: ReChorus divides its raw weights by the root of a key's width", "[presets]") {
  const Network network = built(checkpoint_with("u_age_f"));
  CHECK(network.interests[0].normalizer == format::Normalizer::raw);
  CHECK(network.interests[0].scale == Catch::Approx(1 / std::sqrt(4.0)));
  CHECK(network.interests[0].layers[0].activation.kind == format::ActivationKind::sigmoid);
  CHECK(network.interests[0].layers[1].activation.kind == format::ActivationKind::identity);
}

TEST_CASE("ReChorus' names tell roles, and which columns are numbers behind a layer", "[presets]") {
  const Network network = built(checkpoint_with("u_age_f"));
  REQUIRE(network.features.size() == 5);
  CHECK(network.features[0].role == format::Role::user);
  CHECK(network.features[1].kind == format::FeatureKind::dense);
  CHECK(network.features[1].width == 2);
  CHECK(network.features[1].projection->weight.cols == 2);
  CHECK(network.features[2].sequence == 0);
  CHECK(network.features[3].sequence == 0);
  CHECK(network.features[4].role == format::Role::context);
  // interest, two products, item, category, user, age, hour
  REQUIRE(network.tower_parts.size() == 8);
  CHECK(network.tower_parts[2].operand.begin == 2);
  CHECK(network.tower_parts[2].times->index == 3);
  CHECK(network.tower_parts[5].operand.index == 0);
  CHECK(network.tower_parts[7].operand.index == 4);
}

TEST_CASE("A number of ReChorus' item is a column of the history too, behind the same layer", "[presets]") {
  const Network network = built(checkpoint_with("i_price_f", 24, 22));
  const Feature& price = network.features[1];
  CHECK(price.name == "i_price_f");
  CHECK(price.role == format::Role::candidate);
  CHECK(price.sequence == 0);
  CHECK(price.projection->weight.cols == 2);
  CHECK(price.pad_vector.empty());
  REQUIRE(network.interests[0].fields.size() == 3);
  CHECK(network.interests[0].fields[0].key == 1);
}

TEST_CASE("presets: each value of ReChorus' description has what says so, a recipe's word first", "[presets]") {
  const Checkpoint checkpoint = checkpoint_with("u_age_f");
  const Recipe recipe = parse_recipe("[attention]\nsoftmax = true\n[history]\nmax_length = 7\n", "recipe.toml");
  Conversion conversion(checkpoint, recipe);
  build_network(conversion, choose_preset(checkpoint, recipe));
  REQUIRE(conversion.description);
  const NetworkRecipe& described = *conversion.description;
  CHECK(described.interests[0].normalizer.value == format::Normalizer::softmax);
  CHECK(described.interests[0].normalizer.certainty == Certainty::recipe);
  CHECK(described.histories[0].max_length.certainty == Certainty::recipe);
  CHECK(described.interests[0].scale.certainty == Certainty::preset);
  CHECK(described.head.link.certainty == Certainty::assumed);
  CHECK(described.features[0].role.certainty == Certainty::preset);
}

}  // namespace dinghy::converter
