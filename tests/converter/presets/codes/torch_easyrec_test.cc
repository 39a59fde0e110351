// TorchEasyRec's MultiTowerDIN: what the golden case does not have.
#include <algorithm>
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

const std::string kBags = "embedding_group.emb_impls.__BASE__.ebc.embedding_bags.";
const std::string kSequences = "embedding_group.seq_emb_impls.__BASE__.ec_dict.1.embeddings.";

std::vector<float> ones(std::size_t count) { return std::vector<float>(count, 1); }

// One embedding_name for the candidate and the behaviours in the sequence group; neither batch norm nor a last MLP.
std::vector<Tensor> tensors() {
  return {memory_tensor("towers.deep.mlp.0.perceptron.0.weight", {2, 2}, ones(4)),
          memory_tensor("towers.deep.mlp.0.perceptron.0.bias", {2}, ones(2)),
          memory_tensor(kBags + "user_emb.weight", {2, 1}, {1, 2}),
          memory_tensor(kBags + "item_emb.weight", {2, 1}, {3, 4}),
          memory_tensor(kSequences + "item_emb.weight", {2, 1}, {5, 6}),
          memory_tensor("din_towers.0.mlp.mlp.0.perceptron.0.weight", {1, 4}, ones(4)),
          memory_tensor("din_towers.0.mlp.mlp.0.perceptron.0.bias", {1}, {0}),
          memory_tensor("din_towers.0.linear.weight", {1, 1}, {1}),
          memory_tensor("din_towers.0.linear.bias", {1}, {0}),
          memory_tensor("output_mlp.weight", {1, 3}, ones(3)),
          memory_tensor("output_mlp.bias", {1}, {0})};
}

Network built(std::vector<Tensor> tensors, const std::string& recipe_text = "") {
  const Checkpoint checkpoint = memory_checkpoint(std::move(tensors));
  const Recipe recipe = parse_recipe(recipe_text, "recipe.toml");
  Conversion conversion(checkpoint, recipe);
  build_network(conversion, choose_preset(checkpoint, recipe));
  return conversion.network;
}

std::vector<Tensor> sorted(std::vector<Tensor> tensors) {
  std::ranges::sort(tensors, {}, &Tensor::name);
  return tensors;
}

}  // namespace

TEST_CASE("Trap 21: in TorchEasyRec the tower and the attention have tables of their own for one feature") {
  const Network network = built(tensors());
  REQUIRE(network.features.size() == 3);
  CHECK(network.features[1].name == "item");
  CHECK(network.tables.at(1).source.values() == Vector{3, 5, 4, 6});
  CHECK(network.features[2].name == "hist_item");
  CHECK(network.tables.at(2).source.values() == Vector{5, 6});
  CHECK(network.interests.at(0).query_layers.at(0).weight.values == Vector{0, 1});
  REQUIRE(network.mlps.size() == 1);
  CHECK(network.mlps[0].parts.size() == 2);
  CHECK(network.mlps[0].parts[1].operand.width == 1);
  CHECK(network.tower.size() == 1);
}

TEST_CASE("TorchEasyRec takes the softmax of the logits as they are and pads with vectors of zeros") {
  const Network network = built(tensors());
  CHECK(network.interests.at(0).normalizer == format::Normalizer::softmax);
  CHECK(network.interests.at(0).scale == 1);
  CHECK(network.interests.at(0).empty == format::EmptyHistory::zero);
  CHECK(network.features[2].pad_row == -1);
  CHECK(network.interests.at(0).layers.at(0).activation.kind == format::ActivationKind::relu);
}

TEST_CASE("Trap 22: a TorchEasyRec file that is sorted by name needs the order of its features from the recipe") {
  CHECK_THROWS_MATCHES(built(sorted(tensors())), Error,
                       MessageMatches(ContainsSubstring("sorts its tensors by name") && ContainsSubstring("[inputs]")));
  std::vector<Tensor> counted = sorted(tensors());  // safetensors sorts whole numbers in front of the others
  counted.insert(counted.begin(), memory_tensor("x.num_batches_tracked", {1}, {7}));
  counted.front().dtype = DType::i32;
  CHECK_THROWS_MATCHES(built(counted), Error, MessageMatches(ContainsSubstring("sorts its tensors by name")));
  const Network network =
      built(sorted(tensors()), "[inputs]\nuser = [\"user\"]\ncandidate = [\"item\"]\nhistory = [\"item\"]\n");
  CHECK(network.features.at(0).name == "user");
  CHECK(network.features.at(1).name == "item");
}

TEST_CASE("TorchEasyRec networks with several towers, and embeddings that are no plain tables, are refused") {
  std::vector<Tensor> two = tensors();
  two.push_back(memory_tensor("towers.wide.mlp.0.perceptron.0.weight", {1, 1}, {1}));
  CHECK_THROWS_MATCHES(built(two), Error, MessageMatches(ContainsSubstring("towers deep and wide")));
  std::vector<Tensor> hashed = tensors();
  hashed.push_back(memory_tensor("embedding_group.emb_impls.__BASE__.mc_ebc.x", {1}, {1}));
  CHECK_THROWS_MATCHES(built(hashed), Error, MessageMatches(ContainsSubstring("is of a kind that is not known")));
  std::vector<Tensor> alone = tensors();
  alone.push_back(memory_tensor(kSequences + "clicks__shop_emb.weight", {2, 1}, {7, 8}));
  CHECK_THROWS_MATCHES(built(alone), Error, MessageMatches(ContainsSubstring("no table has what it is compared with")));
}

}  // namespace dinghy::converter
