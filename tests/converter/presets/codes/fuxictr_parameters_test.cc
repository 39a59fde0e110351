// What the preset makes of the parameters of a training: its log, use_features, feature_specs and encoders.
#include <algorithm>
#include <catch2/catch_approx.hpp>
#include <cmath>

#include "tests/converter/presets/codes/fuxictr_checkpoint.h"

namespace dinghy::converter {
namespace {

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::MessageMatches;

// The parameters that the training's log begins with.
void log_of(Checkpoint& checkpoint, const std::string& parameters) {
  document(checkpoint, "DIN.log", "INFO Params: {" + parameters + "}\n");
}

// A sequence "bag" in the table of the items, which the map does not pool; its vector makes the tower wider.
Checkpoint checkpoint_with_bag(std::int64_t bag_width = 2) {
  Checkpoint checkpoint = without_tower();
  const Tensor item = *checkpoint.find(kEmbeddings + "item.weight");
  checkpoint.tensors.insert(checkpoint.tensors.begin() + 3, second_name(item, kEmbeddings + "bag.weight"));
  add_linear(checkpoint, "dnn.mlp.0", 6 + bag_width, 1);
  std::string map = kMap;
  map.insert(map.size() - 2, R"(, {"bag": {"type": "sequence", "share_embedding": "item", "max_len": 5}})");
  document(checkpoint, "feature_map.json", map);
  return checkpoint;
}

// Its row of padding is zeros, as training leaves it.
void clear_padding(Checkpoint& checkpoint) {
  Tensor zeros = memory_tensor(kEmbeddings + "item.weight", {4, 2}, {0, 0, 3, 4, 5, 6, 7, 8});
  for (Tensor& tensor : checkpoint.tensors) {
    if (tensor.name.starts_with(kEmbeddings) && !tensor.name.ends_with("user.weight")) {
      tensor = second_name(zeros, tensor.name);
    }
  }
}

}  // namespace

TEST_CASE("Trap 30: a longer history loses the side of its padding, the last behaviours unless the log says pre",
          "[presets]") {
  Checkpoint checkpoint = small_checkpoint();
  CHECK(built(checkpoint).network.sequences[0].keep == format::Keep::first);
  document(checkpoint, "DIN.log",
           R"(INFO Params: {"feature_cols": "[{'name': ['hist_item', 'b'], 'type': 'sequence', 'padding': 'pre'}]"}
more lines)");
  CHECK(built(checkpoint).network.sequences[0].keep == format::Keep::last);
}

TEST_CASE("The log says softmax, activations and the task", "[presets]") {
  Checkpoint checkpoint = small_checkpoint();
  document(checkpoint, "DIN.log",
           R"(Params: {"din_use_softmax": "True", "dnn_activations": "Tanh", "attention_output_activation": "sigmoid",
               "task": "regression", "din_target_field": "item", "din_sequence_field": "hist_item"})");
  const Network network = built(checkpoint).network;
  CHECK(network.interests[0].normalizer == format::Normalizer::softmax);
  CHECK(network.interests[0].empty == format::EmptyHistory::pad_row);
  CHECK(network.interests[0].layers.back().activation.kind == format::ActivationKind::sigmoid);
  CHECK(network.tower[0].activation.kind == format::ActivationKind::tanh);
  CHECK(network.head.link == format::Link::identity);
}

TEST_CASE("Trap 50: FuxiCTR's use_features and feature_specs change what its feature map says", "[presets]") {
  Checkpoint checkpoint = checkpoint_with_bag();
  clear_padding(checkpoint);
  checkpoint.format = "safetensors";
  log_of(checkpoint, R"("use_features": "['user', 'bag', 'item', 'hist_item']", "feature_specs":
      "[{'name': ['bag'], 'feature_encoder': 'layers.MaskedAveragePooling()', 'source': 'context'}]")");
  const Network network = built(checkpoint).network;
  CHECK(parts_of(network) == "user bag item interest ");
  CHECK(network.features[1].kind == format::FeatureKind::bag);
  CHECK(network.features[1].pooling == format::Pooling::mean);
  CHECK(network.features[1].role == format::Role::context);
  log_of(checkpoint, R"("feature_specs": "[{'name': 'bags', 'feature_encoder': None}]")");
  fails_with(checkpoint, "has no feature \"bags\", which feature_specs of runs/DIN.log names");
  log_of(checkpoint, R"("feature_specs": "[{'name': <lambda>}]")");
  fails_with(checkpoint, "runs/DIN.log: feature_specs is not what Python prints of a list");
}

TEST_CASE("Trap 22: a vector without a table shows FuxiCTR's order by its encoder", "[presets]") {
  Checkpoint checkpoint = without_tower();
  const std::string encoders = "embedding_layer.feature_encoders.";
  checkpoint.tensors.push_back(counted(encoders + "cover.weight", {2, 3}));
  checkpoint.tensors.push_back(counted(encoders + "user.weight", {2, 2}));
  add_linear(checkpoint, "dnn.mlp.0", 8, 1);
  std::string map = kMap;
  const std::string cover = R"({"cover": {"type": "embedding", "pretrain_dim": 3}})";
  document(checkpoint, "feature_map.json", std::string(map).insert(map.find('[') + 1, cover + ","));
  const Network network = built(checkpoint).network;
  CHECK(parts_of(network) == "cover item user interest ");
  CHECK(network.features[0].role == format::Role::candidate);
  document(checkpoint, "feature_map.json", std::string(map).insert(map.size() - 2, "," + cover));
  fails_with(checkpoint, "has the features in another order than its feature map");
}

TEST_CASE("Without FuxiCTR's log it is an assumption that training changed nothing of the map", "[presets]") {
  const Conversion conversion = built(small_checkpoint());
  const auto found =
      std::ranges::find(conversion.findings, "what training changed of the feature map", &Finding::subject);
  REQUIRE(found != conversion.findings.end());
  CHECK(found->certainty == Certainty::assumed);
}

TEST_CASE("Trap 51: a FuxiCTR encoder without tensors works on the rows, or is refused", "[presets]") {
  Checkpoint checkpoint = small_checkpoint();
  log_of(checkpoint, R"("feature_specs": "[{'name': 'user', 'feature_encoder': 'nn.Tanh()'}]")");
  const Network network = built(checkpoint).network;
  CHECK(network.tables[1].source.values()[1] == Catch::Approx(std::tanh(2.0)).epsilon(1e-12));
  for (const std::string encoder : {"nn.GELU()", "layers.KMaxPooling(2, 1)", "nn.LeakyReLU(slope)", "42"}) {
    log_of(checkpoint, R"("feature_specs": "[{'name': 'hist_item', 'feature_encoder': ')" + encoder + R"('}]")");
    fails_with(checkpoint, "the feature \"hist_item\": has the encoder \"" + encoder + "\"");
  }
}

TEST_CASE("FuxiCTR's encoders in a list are applied one behind the other", "[presets]") {
  Checkpoint checkpoint = small_checkpoint();
  const std::string encoder = "embedding_layer.feature_encoders.user";
  checkpoint.tensors.push_back(memory_tensor(encoder + ".0.weight", {2, 2}, {1, -1, 1, 1}));
  checkpoint.tensors.push_back(memory_tensor(encoder + ".0.bias", {2}, {-1, 2}));
  // Without the map or the log nothing says what lies between its layers.
  fails_with(checkpoint, "feature_encoders.user.0.weight: is of an encoder that the feature map does not have");
  log_of(checkpoint,
         R"("feature_specs": "[{'name': 'user', 'feature_encoder': ['nn.Linear(2, 2)', 'nn.LeakyReLU(0.5)']}]")");
  // The rows are (1, 2), (3, 4), (5, 6).
  CHECK(built(checkpoint).network.tables[1].source.values() == std::vector<double>{-1, 5, -1, 9, -1, 13});
}

TEST_CASE("What stands behind FuxiCTR's pooling in a list is an MLP before the tower", "[presets]") {
  Checkpoint checkpoint = checkpoint_with_bag(3);
  clear_padding(checkpoint);
  add_linear(checkpoint, "embedding_layer.feature_encoders.bag.1", 2, 3);
  log_of(checkpoint, R"("feature_specs": "[{'name': 'bag', 'feature_encoder': ['layers.MaskedSumPooling()', )"
                     R"('nn.Linear(2, 3)', 'nn.Sigmoid()']}]")");
  const Network network = built(checkpoint).network;
  REQUIRE(network.mlps.size() == 1);
  CHECK(network.mlps[0].layers.at(0).activation.kind == format::ActivationKind::sigmoid);
  CHECK(network.features[network.mlps[0].parts.at(0).operand.index].name == "bag");
  CHECK(network.tower_parts.back().operand.source == format::Source::mlp);
}

TEST_CASE("Trap 52: a pooling that counts padding, or not rows of zeros, is refused", "[presets]") {
  Checkpoint checkpoint = checkpoint_with_bag();
  log_of(checkpoint, R"("feature_specs": "[{'name': 'bag', 'feature_encoder': 'layers.MaskedSumPooling()'}]")");
  fails_with(checkpoint, "row 0, in the pooled sequence \"bag\", is padding and not zeros");
  clear_padding(checkpoint);
  CHECK(built(checkpoint).network.features[2].kind == format::FeatureKind::bag);
  log_of(checkpoint, R"("feature_specs": "[{'name': 'bag', 'feature_encoder': ['nn.Linear(2, 2, bias=False)', )"
                     R"('nn.ReLU()', 'layers.MaskedAveragePooling()']}]")");
  checkpoint.tensors.push_back(memory_tensor("embedding_layer.feature_encoders.bag.0.weight", {2, 2}, {1, -1, 4, -3}));
  fails_with(checkpoint, "row 1, in the pooled sequence \"bag\", is zeros, and the mean of MaskedAveragePooling");
}

TEST_CASE("Without FuxiCTR's log the recipe says which fields are compared", "[presets]") {
  Checkpoint checkpoint = small_checkpoint();
  std::string map = kMap;
  map.replace(map.find("\"share_embedding\": \"item\", "), 26, "");
  document(checkpoint, "feature_map.json", map);
  fails_with(checkpoint, "say it in a recipe, [inputs] history = [\"item:hist_item\"");
  const auto with = [&](const std::string& pair) {
    return built(checkpoint, parse_recipe("[inputs]\nhistory = [\"" + pair + "\"]", "r.toml"));
  };
  const Network network = with("user:hist_item").network;
  CHECK(network.features[network.interests.at(0).fields.at(0).query].name == "user");
  const auto fails = [&](const std::string& pair, const std::string& message) {
    CHECK_THROWS_MATCHES(with(pair), Error, MessageMatches(ContainsSubstring(message)));
  };
  fails("user:hist_item\", \"hist_item", "r.toml: [inputs] history has \"hist_item\"; write \"item:hist_item\"");
  fails("item:user", "the recipe compares \"user\", which is no history of the feature map");
  fails("hist_item", "nothing says which feature of the candidate \"hist_item\" is compared with");
  fails("price:hist_item", "the recipe compares \"price\", which is no categorical feature of the feature map");
}

}  // namespace dinghy::converter
