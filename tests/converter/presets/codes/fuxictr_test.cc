// What the preset makes of a feature map and vocabularies; that its numbers are right show the golden cases.
#include <catch2/catch_approx.hpp>
#include <cmath>

#include "tests/converter/presets/codes/fuxictr_checkpoint.h"

namespace dinghy::converter {

TEST_CASE("A history is compared with the feature whose table it has", "[presets]") {
  const Checkpoint checkpoint = small_checkpoint();
  const Network network = built(checkpoint).network;
  REQUIRE(network.features.size() == 2);
  CHECK(network.features[0].sequence == 0);
  CHECK(network.features[0].table == network.features[0].history_table);
  CHECK(network.features[1].role == format::Role::user);
  CHECK(network.interests[0].normalizer == format::Normalizer::raw);
  CHECK(network.interests[0].empty == format::EmptyHistory::zero);
  CHECK(network.sequences[0].max_length == 9);
  // Without a vocabulary a caller passes rows, and the one of padding does not count.
  CHECK(network.sequences[0].mask == format::Mask::first_id);
}

TEST_CASE("Trap 22: the tower's input follows the feature map, and a state_dict in another order is refused",
          "[presets]") {
  Checkpoint checkpoint = small_checkpoint();
  CHECK(parts_of(built(checkpoint).network) == "item user interest ");
  const char* other = R"({"features": [
    {"hist_item": {"type": "sequence", "share_embedding": "item", "max_len": 9}},
    {"user": {"type": "categorical"}}, {"item": {"type": "categorical"}}]})";
  document(checkpoint, "feature_map.json", other);
  fails_with(checkpoint, "has the features in another order than its feature map");
  // A format that sorts its names cannot contradict the map.
  checkpoint.order_lost = true;
  CHECK(parts_of(built(checkpoint).network) == "interest user item ");
}

TEST_CASE("Trap 19: raw ids have the rows of the vocabulary, others that of __OOV__, padding row 0", "[presets]") {
  Checkpoint checkpoint = small_checkpoint();
  document(checkpoint, "feature_vocab.json",
           R"({"item": {"__PAD__": 0, "70": 1, "8": 2, "__OOV__": 3}, "user": {"__PAD__": 0, "a": 1, "__OOV__": 2},
               "hist_item": {"__PAD__": 0, "70": 1, "8": 2, "__OOV__": 3}})");
  const Network network = built(checkpoint).network;
  const Table& item = network.tables[0];
  using Rows = std::vector<std::pair<std::int64_t, std::uint64_t>>;
  CHECK(vocabulary_of(network, item).int64_rows == Rows{{70, 1}, {8, 2}});
  CHECK(item.missing == format::MissingId::row);
  CHECK(item.missing_row == 3);
  CHECK(network.features[0].pad_row == 0);
  CHECK(network.sequences[0].mask == format::Mask::length);
  const Table& user = network.tables[1];
  CHECK(vocabulary_of(network, user).string_rows == std::vector<std::pair<std::string, std::uint64_t>>{{"a", 1}});
  CHECK(user.missing_row == 2);
}

TEST_CASE("Trap 19: in version 1 padding is the last row", "[presets]") {
  const Tensor item = counted("embedding_layer.embedding_layer.item.weight", {4, 2});
  Checkpoint checkpoint =
      memory_checkpoint({item, second_name(item, "embedding_layer.embedding_layer.hist_item.weight")});
  add_linear(checkpoint, "attention_layers.0.attention_layer.dnn.0", 8, 3);
  add_linear(checkpoint, "attention_layers.0.attention_layer.dnn.2", 3, 1);
  add_linear(checkpoint, "dnn.dnn.0", 4, 1);
  document(checkpoint, "feature_map.json",
           R"({"feature_specs": {"item": {"type": "categorical", "vocab_size": 4, "index": 0},
               "hist_item": {"type": "sequence", "share_embedding": "item", "padding_idx": 3, "max_len": 2,
                             "vocab_size": 4, "encoder": null}}})");
  const Network network = built(checkpoint).network;
  CHECK(network.features[0].pad_row == 3);
  CHECK(network.features[0].pad_id == 3);
}

TEST_CASE("FuxiCTR 1.0 has gamma, beta, one alpha and another epsilon in its Dice, and other words in its log",
          "[presets]") {
  const Tensor item = counted("embedding_layer.embedding_layer.item.weight", {4, 2});
  Checkpoint checkpoint =
      memory_checkpoint({item, second_name(item, "embedding_layer.embedding_layer.hist_item.weight")});
  checkpoint.format = "pytorch zip state_dict";
  const std::string attention = "attention_layers.0.attention_layer.dnn.";
  add_linear(checkpoint, attention + "0", 8, 3);
  checkpoint.tensors.push_back(counted(attention + "1.alpha", {}));
  for (const char* name : {"weight", "bias", "running_mean", "running_var"}) {
    checkpoint.tensors.push_back(counted(attention + "1.bn." + name, {3}));
  }
  add_linear(checkpoint, attention + "2", 3, 1);
  add_linear(checkpoint, "dnn.dnn.0", 4, 1);
  document(checkpoint, "feature_map.json",
           R"({"feature_specs": {"item": {"type": "categorical", "vocab_size": 4, "padding_idx": 3, "index": 0},
               "hist_item": {"type": "sequence", "share_embedding": "item", "padding_idx": 3, "max_len": 2,
                             "vocab_size": 4, "encoder": ""}}})");
  document(checkpoint, "DIN.log",
           "2021-09-29 10:00:00,000 P1 INFO {\n \"din_query_field\": \"['item']\", \"din_history_field\": "
           "\"['hist_item']\", \"attention_final_activation\": \"sigmoid\", \"task\": \"regression\"}\nmore");
  const Network network = built(checkpoint).network;
  const std::vector<Layer>& layers = network.interests.at(0).layers;
  REQUIRE(layers.size() == 2);
  CHECK(layers[0].activation.alpha == Vector(3, 1.0));
  CHECK(layers[0].activation.scale[1] == Catch::Approx(2 / std::sqrt(2 + 1e-8)).epsilon(1e-12));
  CHECK(layers[1].activation.kind == format::ActivationKind::sigmoid);
  CHECK(network.interests[0].normalizer == format::Normalizer::raw);
  CHECK(network.head.link == format::Link::identity);
}

TEST_CASE("Trap 26: modules of an MLP are typed by their tensors and taken in the order of their numbers",
          "[presets]") {
  Checkpoint checkpoint = without_tower();
  // Linear, batch norm, Dice, dropout; Linear, PReLU, dropout; … Linear. Numbers of two digits sort before 4 as text.
  add_linear(checkpoint, "dnn.mlp.0", 6, 5);
  for (const char* name : {"weight", "bias", "running_mean", "running_var"}) {
    checkpoint.tensors.push_back(counted(std::string("dnn.mlp.1.") + name, {5}));
  }
  add_dice(checkpoint, "dnn.mlp.2", 5);
  add_linear(checkpoint, "dnn.mlp.4", 5, 7);
  checkpoint.tensors.push_back(counted("dnn.mlp.5.weight", {7}));
  add_linear(checkpoint, "dnn.mlp.7", 7, 3);
  add_linear(checkpoint, "dnn.mlp.10", 3, 1);
  checkpoint.order_lost = true;
  std::ranges::sort(checkpoint.tensors, {}, &Tensor::name);
  const std::vector<Layer> tower = built(checkpoint).network.tower;
  REQUIRE(tower.size() == 4);
  CHECK(tower[0].weight.cols == 5);
  CHECK(tower[0].activation.kind == format::ActivationKind::gate);
  CHECK(tower[1].weight.cols == 7);
  CHECK(tower[1].activation.kind == format::ActivationKind::prelu);
  CHECK(tower[2].weight.cols == 3);
  CHECK(tower[2].activation.kind == format::ActivationKind::relu);
  CHECK(tower[3].weight.cols == 1);
  CHECK(tower[3].activation.kind == format::ActivationKind::identity);
}

TEST_CASE("Two histories of one candidate are two sequences, and the second is a column of its own", "[presets]") {
  Checkpoint checkpoint = small_checkpoint();
  std::erase_if(checkpoint.tensors, [](const Tensor& tensor) { return tensor.name.starts_with("dnn."); });
  const Tensor item = *checkpoint.find(kEmbeddings + "item.weight");
  checkpoint.tensors.insert(checkpoint.tensors.begin() + 3, second_name(item, kEmbeddings + "skipped.weight"));
  add_linear(checkpoint, "attention_layers.1.attention_layer.mlp.0", 8, 1);
  add_linear(checkpoint, "dnn.mlp.0", 8, 1);
  std::string map = kMap;
  map.insert(map.size() - 2, R"(, {"skipped": {"type": "sequence", "share_embedding": "item", "max_len": 5}})");
  document(checkpoint, "feature_map.json", map);
  const Network network = built(checkpoint).network;
  REQUIRE(network.interests.size() == 2);
  CHECK(network.interests[1].sequence == 1);
  CHECK(network.sequences[1].max_length == 5);
  const Field field = network.interests[1].fields[0];
  CHECK(network.features[field.query].name == "item");
  CHECK(network.features[field.key].name == "skipped");
  CHECK(network.features[field.key].role == format::Role::history);
  CHECK(parts_of(network) == "item user interest interest ");
}

TEST_CASE("A pretrained table is masked behind the row of unknown ids, projected, and added to the trained one",
          "[presets]") {
  Checkpoint checkpoint = small_checkpoint();
  std::erase_if(checkpoint.tensors, [](const Tensor& t) { return t.name.starts_with(kEmbeddings); });
  const std::string item = kEmbeddings + "item.", history = kEmbeddings + "hist_item.";
  const std::vector<Tensor> tensors = {counted(item + "pretrain_embedding.weight", {4, 1}),
                                       counted(item + "id_embedding.weight", {4, 2}),
                                       counted(item + "proj.weight", {2, 1})};
  for (const Tensor& tensor : tensors) checkpoint.tensors.push_back(tensor);
  checkpoint.tensors.push_back(counted(kEmbeddings + "user.weight", {3, 2}));
  for (const Tensor& tensor : tensors) {
    checkpoint.tensors.push_back(second_name(tensor, history + tensor.name.substr(item.size())));
  }
  std::string map = kMap;
  map.insert(map.find("\"vocab_size\""), R"("pretrained_emb": "p.npz", "freeze_emb": false, "oov_idx": 2, )");
  document(checkpoint, "feature_map.json", map);
  const Network network = built(checkpoint).network;
  // Row r of the pretrained table is r + 1, its projection [1, 2]; the trained rows count on.
  CHECK(network.tables[0].source.values() == std::vector<double>{1 + 1, 2 + 2, 2 + 3, 4 + 4, 3 + 5, 6 + 6, 0, 0});
  CHECK(network.features[0].table == network.features[0].history_table);
}

TEST_CASE("What a FuxiCTR checkpoint lacks is an error that says what to give", "[presets]") {
  Checkpoint checkpoint = small_checkpoint();
  checkpoint.documents.clear();
  fails_with(checkpoint, "DIN.model: a FuxiCTR checkpoint needs feature_map.json");
  document(checkpoint, "feature_map.json", "[");
  fails_with(checkpoint, "runs/feature_map.json: is not JSON");
  document(checkpoint, "feature_map.json", R"({"features": [{"item": {"type": "image"}}]})");
  fails_with(checkpoint, "the feature \"item\" has the unknown type \"image\"");
  document(checkpoint, "feature_map.json", R"({"features": [{"a": {"type": "sequence", "padding_idx": -1}}]})");
  fails_with(checkpoint, "runs/feature_map.json: padding_idx of \"a\" is out of range");
  document(checkpoint, "feature_map.json", kMap);
  document(checkpoint, "feature_vocab.json", R"({"item": {"7": -1}})");
  fails_with(checkpoint, "runs/feature_vocab.json: \"item\": the row of \"7\" is not a whole number");
  document(checkpoint, "feature_vocab.json", R"({"item": {"7": 1, "__OOV__": 9}})");
  fails_with(checkpoint, "__OOV__ of feature_vocab.json: item is row 9: it is of another training");
  document(checkpoint, "feature_vocab.json", "{}");
  document(checkpoint, "DIN.log", R"(Params: {"din_target_field": "price", "din_sequence_field": "hist_item"})");
  fails_with(checkpoint, "the log compares \"price\", which is no categorical feature of the feature map");
  document(checkpoint, "DIN.log", "Params: {\"a\": ");
  fails_with(checkpoint, "runs/DIN.log: its parameters are not JSON");
  document(checkpoint, "DIN.log", R"(Params: {"dnn_activations": "GELU"})");
  fails_with(checkpoint, "DIN.model: its log says the activation \"GELU\", which is not known here");
  document(checkpoint, "DIN.log", "");
  document(checkpoint, "model_config.yaml", "Base: {}");
  fails_with(checkpoint, "runs/model_config.yaml: is YAML, which is not read; the training's MODEL.log says the same");
  checkpoint.documents.pop_back();
  std::string map = kMap;
  map.replace(map.find("\"share_embedding\": \"item\", "), 26, "");
  document(checkpoint, "feature_map.json", map);
  fails_with(checkpoint,
             "nothing says which feature of the candidate \"hist_item\" is compared with; say it in a recipe");
}

}  // namespace dinghy::converter
