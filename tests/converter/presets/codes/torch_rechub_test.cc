// What the preset makes of tables, widths and activations; that its numbers are right show the golden cases.
#include <catch2/catch_approx.hpp>
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

void add_mlp(std::vector<Tensor>& tensors, const std::string& prefix, std::int64_t inputs, std::int64_t hidden) {
  tensors.push_back(ones(prefix + ".0.weight", {hidden, inputs}));
  tensors.push_back(ones(prefix + ".0.bias", {hidden}));
  for (const char* const norm : {".1.weight", ".1.bias", ".1.running_mean", ".1.running_var"}) {
    tensors.push_back(ones(prefix + norm, {hidden}));
  }
  tensors.push_back(ones(prefix + ".2.alpha", {1}));
  tensors.push_back(ones(prefix + ".4.weight", {1, hidden}));
  tensors.push_back(ones(prefix + ".4.bias", {1}));
}

// Tables of width 2, one attention of 3 channels, a tower of 5 on `inputs` numbers.
Checkpoint checkpoint_of(const std::vector<std::string>& tables, std::int64_t inputs) {
  std::vector<Tensor> tensors;
  for (const std::string& table : tables) tensors.push_back(ones("embedding.embed_dict." + table + ".weight", {7, 2}));
  add_mlp(tensors, "attention_layers.0.attention.mlp", 8, 3);
  add_mlp(tensors, "mlp.mlp", inputs, 5);
  return memory_checkpoint(std::move(tensors));
}

Network built(const Checkpoint& checkpoint, const std::string& recipe_text) {
  const Recipe recipe = parse_recipe(recipe_text, "recipe.toml");
  Conversion conversion(checkpoint, recipe);
  build_network(conversion, choose_preset(checkpoint, recipe));
  return conversion.network;
}

const std::string kLength = "[history]\nmax_length = 9\n";

}  // namespace

TEST_CASE("Trap 7: Dice of torch-rechub is of each row, with epsilon in every channel", "[presets]") {
  const Network network = built(checkpoint_of({"user", "item"}, 6), kLength);
  const Activation& attention = network.interests[0].layers[0].activation;
  CHECK(attention.kind == format::ActivationKind::row_gate);
  CHECK(attention.epsilon == Catch::Approx(3 * 1e-3));
  CHECK(attention.alpha == Vector(3, 1.0));
  CHECK(network.tower[0].activation.kind == format::ActivationKind::row_gate);
  CHECK(network.tower[0].activation.epsilon == Catch::Approx(5 * 1e-3));
}

TEST_CASE("Trap 16: torch-rechub has no mask, so its padding attends up to a length that has to be stated",
          "[presets]") {
  const Checkpoint checkpoint = checkpoint_of({"user", "item"}, 6);
  const Network network = built(checkpoint, kLength);
  CHECK(network.interests[0].pads == format::Pads::attend);
  CHECK(network.interests[0].pad_to == 9);
  CHECK(network.features[1].pad_row == 0);
  CHECK_THROWS_MATCHES(built(checkpoint, ""), Error,
                       MessageMatches(ContainsSubstring("state it as [history] max_length")));
  CHECK_THROWS_MATCHES(built(checkpoint, kLength + "empty = \"zero\"\n"), Error,
                       MessageMatches(ContainsSubstring("an empty history is all padding")));
}

TEST_CASE("The tower's width tells whether torch-rechub's targets stand in the tower twice", "[presets]") {
  const Network once = built(checkpoint_of({"user", "item"}, 6), kLength);
  CHECK(once.tower_parts.size() == 3);  // interest, item, user
  CHECK(once.features[1].name == "item");
  CHECK(once.features[1].sequence == 0);
  const Network twice = built(checkpoint_of({"item", "user"}, 10), kLength);
  CHECK(twice.tower_parts.size() == 5);  // interest, item, user, item, user
  CHECK(twice.features[0].sequence == 0);
  CHECK(twice.features[1].sequence < 0);
  CHECK_THROWS_MATCHES(built(checkpoint_of({"user", "item"}, 8), kLength), Error,
                       MessageMatches(ContainsSubstring("do not tell which 1 features")));
}

TEST_CASE("A recipe names torch-rechub's targets where the order of the tables misleads", "[presets]") {
  const Network network = built(checkpoint_of({"item", "user"}, 6), kLength + "[inputs]\nhistory = [\"item\"]\n");
  REQUIRE(network.tower_parts.size() == 3);
  CHECK(network.features[network.tower_parts[1].operand.index].name == "item");
  CHECK(network.features[network.tower_parts[2].operand.index].name == "user");
}

TEST_CASE("A table hist_item of torch-rechub is the history of the first target", "[presets]") {
  const Network network = built(checkpoint_of({"user", "hist_item", "item"}, 6), kLength);
  REQUIRE(network.features.size() == 2);
  CHECK(network.features[1].name == "item");
  CHECK(network.features[1].table != network.features[1].history_table);
}

}  // namespace dinghy::converter
