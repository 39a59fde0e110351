// NVIDIA's DINModel: the names and the mistakes that its golden cases do not have.
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

void add_dense(std::vector<Tensor>& tensors, const std::string& scope, int in, int out, float number) {
  tensors.push_back(filled(scope + "/kernel", {in, out}, number));
  tensors.push_back(filled(scope + "/bias", {out}, number));
}

// As a session names them that has made another model before; layers and tables in the wrong order.
std::vector<Tensor> named_by_layer() {
  std::vector<Tensor> tensors;
  add_dense(tensors, "ctr_classification_mlp_1/dense_10", 2, 1, 10);
  tensors.push_back(filled("ctr_classification_mlp_1/p_re_lu_3/alpha", {2}, 0.5f));
  add_dense(tensors, "ctr_classification_mlp_1/dense_9", 5, 2, 9);
  add_dense(tensors, "dense_13", 2, 1, 13);
  add_dense(tensors, "dense_11", 8, 3, 11);
  add_dense(tensors, "dense_12", 3, 2, 12);
  tensors.push_back(filled("embedding_5/item_feat1", {4, 1}, 2));
  tensors.push_back(filled("embedding_4/item_feat0", {3, 1}, 1));
  tensors.push_back(filled("embedding_3/user_feat0", {2, 1}, 3));
  return tensors;
}

// As the reader names variables whose own names are not unique.
std::vector<Tensor> named_by_path() {
  std::vector<Tensor> tensors;
  add_dense(tensors, "model/classificationMLP/layers/0", 5, 2, 9);
  tensors.push_back(filled("model/classificationMLP/layers/1/alpha", {2}, 0.5f));
  add_dense(tensors, "model/classificationMLP/layers/2", 2, 1, 10);
  const std::string unit = "model/item_seq_interaction/item_item_interaction/";
  add_dense(tensors, unit + "linear", 2, 1, 13);
  add_dense(tensors, unit + "dense1", 8, 3, 11);
  add_dense(tensors, unit + "dense2", 3, 2, 12);
  tensors.push_back(filled("model/variable_embeddings_groups/0/user_feat0", {2, 1}, 3));
  tensors.push_back(filled("model/variable_embeddings_groups/1/item_feat0", {3, 1}, 1));
  tensors.push_back(filled("model/variable_embeddings_groups/2/item_feat1", {4, 1}, 2));
  return tensors;
}

Network built(std::vector<Tensor> tensors) {
  const Checkpoint checkpoint = memory_checkpoint(std::move(tensors));
  const Recipe recipe = parse_recipe("", "recipe.toml");
  Conversion conversion(checkpoint, recipe);
  build_network(conversion, choose_preset(checkpoint, recipe));
  return conversion.network;
}

void check_order(const Network& network) {
  REQUIRE(network.features.size() == 3);
  CHECK(network.features[0].name == "item_feat0");
  CHECK(network.features[1].name == "item_feat1");
  CHECK(network.features[2].name == "user_feat0");
  REQUIRE(network.interests.size() == 1);
  REQUIRE(network.interests[0].layers.size() == 3);
  for (std::size_t i = 0; i < 3; ++i) CHECK(network.interests[0].layers[i].bias[0] == 11 + static_cast<double>(i));
  REQUIRE(network.tower.size() == 2);
  CHECK(network.tower[0].bias[0] == 9);
  CHECK(network.tower[1].bias[0] == 10);
  CHECK(network.tower[0].activation.alpha == Vector{0.5, 0.5});
}

}  // namespace

TEST_CASE("NVIDIA's variables are found by the numbers of their layers and by their paths", "[presets]") {
  check_order(built(named_by_layer()));
  check_order(built(named_by_path()));
}

TEST_CASE("NVIDIA's tower takes the candidate, the interest and the user, and the first id masks a behaviour",
          "[presets]") {
  const Network network = built(named_by_path());
  REQUIRE(network.tower_parts.size() == 4);
  CHECK(network.tower_parts[0].operand.index == 0);
  CHECK(network.tower_parts[1].operand.index == 1);
  CHECK(network.tower_parts[2].operand.source == format::Source::interest);
  CHECK(network.tower_parts[3].operand.index == 2);
  CHECK(network.sequences.at(0).mask == format::Mask::first_id);
  CHECK(network.features[0].pad_row == -1);
  CHECK(network.interests[0].normalizer == format::Normalizer::softmax);
  CHECK(network.interests[0].empty == format::EmptyHistory::zero);
}

TEST_CASE("NVIDIA's DIEN and SIM are refused by the name of a recurrent layer", "[presets]") {
  std::vector<Tensor> tensors = named_by_layer();
  tensors.push_back(filled("gru/gru_cell/recurrent_kernel", {2, 6}, 1));
  CHECK_THROWS_MATCHES(
      built(tensors), Error,
      MessageMatches(ContainsSubstring("gru/gru_cell/recurrent_kernel") && ContainsSubstring("DIEN or SIM")));
}

TEST_CASE("A layer of NVIDIA's classifier without its PReLU is an error", "[presets]") {
  std::vector<Tensor> tensors = named_by_layer();
  tensors.erase(tensors.begin() + 2);
  CHECK_THROWS_MATCHES(built(tensors), Error, MessageMatches(ContainsSubstring("2 layers and 0 PReLUs")));
}

}  // namespace dinghy::converter
