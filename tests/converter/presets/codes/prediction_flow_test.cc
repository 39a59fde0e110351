// What the preset makes of prediction-flow's names; that its numbers are right shows the golden case.
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

Checkpoint small_checkpoint(const std::string& second_group = "") {
  std::vector<Tensor> tensors = {ones("embedding:user.weight", {5, 2}),
                                 ones("embedding:item.weight", {7, 2}),
                                 ones("mlp._sequential.dense0.weight", {3, 7}),
                                 ones("mlp._sequential.dense0.bias", {3}),
                                 ones("mlp._sequential.activation0.weight", {1}),
                                 ones("final_layer.weight", {1, 3}),
                                 ones("final_layer.bias", {1})};
  for (const std::string& group : {std::string("clicks"), second_group}) {
    if (group.empty()) continue;
    const std::string module = "attention_pooling:" + group;
    tensors.push_back(ones(module + ".mlp._sequential.dense0.weight", {3, 8}));
    tensors.push_back(ones(module + ".mlp._sequential.dense0.bias", {3}));
    tensors.push_back(ones(module + ".fc.weight", {1, 3}));
    tensors.push_back(ones(module + ".fc.bias", {1}));
  }
  return memory_checkpoint(std::move(tensors));
}

Network built(const Checkpoint& checkpoint, const std::string& recipe_text) {
  const Recipe recipe = parse_recipe(recipe_text, "recipe.toml");
  Conversion conversion(checkpoint, recipe);
  build_network(conversion, choose_preset(checkpoint, recipe));
  return conversion.network;
}

}  // namespace

TEST_CASE("prediction-flow scales by the key's width, rejects empty histories, and takes numbers first", "[presets]") {
  const Network network = built(
      small_checkpoint(), "[inputs]\nuser = [\"user\"]\ncandidate = [\"item\", \"price\"]\nhistory = [\"item\"]\n");
  CHECK(network.interests[0].scale == Catch::Approx(1 / std::sqrt(2.0)));
  CHECK(network.interests[0].normalizer == format::Normalizer::softmax);
  CHECK(network.interests[0].empty == format::EmptyHistory::reject);
  REQUIRE(network.tower_parts.size() == 4);
  CHECK(network.features[network.tower_parts[0].operand.index].name == "price");
  CHECK(network.features[network.tower_parts[1].operand.index].name == "user");
  CHECK(network.tower_parts[3].operand.source == format::Source::interest);
  CHECK(network.tower[0].activation.kind == format::ActivationKind::prelu);
}

TEST_CASE("prediction-flow's pairs have to be named, and a second group is refused", "[presets]") {
  CHECK_THROWS_MATCHES(built(small_checkpoint(), ""), Error,
                       MessageMatches(ContainsSubstring("no tensor tells which features the behaviours have")));
  CHECK_THROWS_MATCHES(built(small_checkpoint("likes"), "[inputs]\nhistory = [\"item\"]\n"), Error,
                       MessageMatches(ContainsSubstring("has 2 groups of attention")));
}

}  // namespace dinghy::converter
