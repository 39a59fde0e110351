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

Network built(std::vector<Tensor> tensors, const std::string& recipe_text = "", const std::string& config = "") {
  Checkpoint checkpoint = memory_checkpoint(std::move(tensors));
  if (!config.empty()) checkpoint.documents.push_back({"pipeline.config", "pipeline.config", config});
  const Recipe recipe = parse_recipe(recipe_text, "recipe.toml");
  Conversion conversion(checkpoint, recipe);
  build_network(conversion, choose_preset(checkpoint, recipe));
  return conversion.network;
}

// Item before user in the tower, another tower with the item and a number.
const std::string kConfig = R"(
data_config { fg_mode: FG_DAG }
feature_configs { id_feature { feature_name: "user" expression: "context:user" embedding_dim: 1 } }
feature_configs { id_feature { feature_name: "item" expression: "item:item" embedding_dim: 1 vocab_list: ["7"] } }
feature_configs { raw_feature { feature_name: "price" expression: "item:price" value_dim: 2 separator: "\035" } }
feature_configs {
  sequence_feature { sequence_name: "clicks" sequence_length: 9
    features { id_feature { feature_name: "item" embedding_name: "item_emb" embedding_dim: 1 } } } }
model_config {
  feature_groups { group_name: "deep" feature_names: "item" feature_names: "user" group_type: DEEP }
  feature_groups { group_name: "other" feature_names: ["item", "price"] }
  feature_groups { group_name: "seq" feature_names: ["item", "clicks__item"] group_type: SEQUENCE }
  multi_tower_din {
    towers { input: "deep" mlp { hidden_units: 2 } }
    towers { input: "other" mlp { hidden_units: 1 activation: "nn.Tanh" } }
    din_towers { input: "seq" attn_mlp { hidden_units: 1 } }
  }
  losses { l2_loss {} }
}
)";

std::vector<Tensor> two_towers() {
  std::vector<Tensor> result = tensors();
  for (Tensor& tensor : result) {
    if (tensor.name.find("item_emb") == std::string::npos) continue;
    tensor = memory_tensor(tensor.name, {3, 1}, {3, 4, 5});
  }
  std::erase_if(result, [](const Tensor& tensor) { return tensor.name == "output_mlp.weight"; });
  result.push_back(memory_tensor("output_mlp.weight", {1, 4}, ones(4)));
  result.push_back(memory_tensor("towers.other.mlp.0.perceptron.0.weight", {1, 3}, ones(3)));
  result.push_back(memory_tensor("towers.other.mlp.0.perceptron.0.bias", {1}, {0}));
  return result;
}

std::vector<Tensor> sorted(std::vector<Tensor> tensors) {
  std::ranges::sort(tensors, {}, &Tensor::name);
  return tensors;
}

}  // namespace

TEST_CASE("Trap 21: in TorchEasyRec the tower and the attention have tables of their own for one feature",
          "[presets]") {
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

TEST_CASE("TorchEasyRec takes the softmax of the logits as they are and pads with vectors of zeros", "[presets]") {
  const Network network = built(tensors());
  CHECK(network.interests.at(0).normalizer == format::Normalizer::softmax);
  CHECK(network.interests.at(0).scale == 1);
  CHECK(network.interests.at(0).empty == format::EmptyHistory::zero);
  CHECK(network.features[2].pad_row == -1);
  CHECK(network.interests.at(0).layers.at(0).activation.kind == format::ActivationKind::relu);
}

TEST_CASE("Trap 22: a TorchEasyRec file that is sorted by name needs the order of its features from the recipe",
          "[presets]") {
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

TEST_CASE("TorchEasyRec's pipeline.config says the order of the features, which tower takes which, and what they are",
          "[presets]") {
  const Network network = built(sorted(two_towers()), "", kConfig);
  REQUIRE(network.features.size() == 4);
  CHECK(network.features[0].name == "item");
  CHECK(network.features[1].name == "user");
  CHECK(network.features[1].role == format::Role::context);
  CHECK(network.features[2].dense_width == 2);
  CHECK(network.features[2].role == format::Role::candidate);
  CHECK(network.features[3].name == "clicks__item");
  REQUIRE(network.mlps.size() == 2);
  CHECK(network.mlps[0].parts.at(0).operand.index == 0);
  CHECK(network.mlps[1].parts.at(0).operand.index == 0);
  CHECK(network.mlps[1].parts.at(1).operand.width == 2);
  CHECK(network.mlps[1].layers.at(0).activation.kind == format::ActivationKind::tanh);
  CHECK(network.tower_parts.size() == 3);
  CHECK(network.sequences.at(0).max_length == 9);
  CHECK(network.head.link == format::Link::identity);
  CHECK(network.tables.at(0).missing_row == 1);
  CHECK(network.vocabularies.at(0).int64_rows.at(0) == std::pair<std::int64_t, std::uint64_t>(7, 2));
}

TEST_CASE("What TorchEasyRec's pipeline.config says and no network here has is refused by name", "[presets]") {
  const auto refuses = [](const std::string& old, const std::string& now, const std::string& message) {
    std::string config = kConfig;
    config.replace(config.find(old), old.size(), now);
    CHECK_THROWS_MATCHES(built(two_towers(), "", config), Error, MessageMatches(ContainsSubstring(message)));
  };
  refuses("multi_tower_din", "multi_tower", "is not of a MultiTowerDIN");
  refuses("raw_feature {", "combo_feature {", "the feature \"price\" is a combo_feature");
  refuses("raw_feature {", "raw_feature { boundaries: 1.5", "the feature \"price\" has boundaries");
  refuses("raw_feature {", "raw_feature { embedding_dim: 4 mlp {}", "the feature \"price\" has mlp");
  refuses("nn.Tanh", "nn.GELU", "the activation \"nn.GELU\"");
  refuses("value_dim: 2", "value_dim: two", "is no count");
  refuses("\"price\"]", "\"cost\"]", "has no feature \"cost\"");
  refuses("group_name: \"other\"", "group_name: \"third\"", "the group_name \"other\" of a tower");
  refuses("group_name: \"other\"", "group_name: \"other\" group_type: WIDE", "has the group_type WIDE, not DEEP");
  refuses("[\"item\", \"clicks__item\"]", "\"clicks__item\"", "compares 0 features with 1 of the sequence");
  refuses("item_emb", "goods", "gives \"clicks__item\" the table \"goods\", which the checkpoint does not have");
}

TEST_CASE("TorchEasyRec networks with several towers, and embeddings that are no plain tables, are refused",
          "[presets]") {
  std::vector<Tensor> two = tensors();
  two.push_back(memory_tensor("towers.wide.mlp.0.perceptron.0.weight", {1, 1}, {1}));
  CHECK_THROWS_MATCHES(built(two), Error,
                       MessageMatches(ContainsSubstring("towers deep and wide") && ContainsSubstring("--companion")));
  std::vector<Tensor> hashed = tensors();
  hashed.push_back(memory_tensor("embedding_group.emb_impls.__BASE__.mc_ebc.x", {1}, {1}));
  CHECK_THROWS_MATCHES(built(hashed), Error, MessageMatches(ContainsSubstring("is of a kind that is not known")));
  std::vector<Tensor> alone = tensors();
  alone.push_back(memory_tensor(kSequences + "clicks__shop_emb.weight", {2, 1}, {7, 8}));
  CHECK_THROWS_MATCHES(built(alone), Error, MessageMatches(ContainsSubstring("no table has what it is compared with")));
}

}  // namespace dinghy::converter
