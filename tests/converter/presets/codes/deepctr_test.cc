// What the preset makes of a configuration, and of tables' names; that its numbers are right show the golden cases.
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

const std::string kUnit = "attention_sequence_pooling_layer_2/local_activation_unit_1";

// Layers of the third model of a process. Tables of user, and of item with its history; `dense` numbers.
Checkpoint checkpoint_with(std::vector<Tensor> tables, std::int64_t dense = 0, const std::string& config = "") {
  std::vector<Tensor> tensors = std::move(tables);
  for (Tensor& tensor : std::vector<Tensor>{
           zeros(kUnit + "/kernel", {3, 1}), zeros(kUnit + "/bias", {1}), zeros(kUnit + "/dnn_4/kernel0", {8, 3}),
           zeros(kUnit + "/dnn_4/bias0", {3}), zeros("dnn_5/kernel0", {6 + dense, 4}), zeros("dnn_5/bias0", {4}),
           zeros("dense_2/kernel", {4, 1}), zeros("prediction_layer_2/global_bias", {1})}) {
    tensors.push_back(std::move(tensor));
  }
  Checkpoint checkpoint = memory_checkpoint(std::move(tensors));
  checkpoint.format = "keras h5 model";
  if (!config.empty()) checkpoint.documents.push_back({"model_config", "din.h5: model_config", config});
  return checkpoint;
}

Checkpoint shared_tables(std::int64_t dense = 0, const std::string& config = "") {
  return checkpoint_with(
      {zeros("sparse_seq_emb_hist_item/embeddings", {7, 2}), zeros("sparse_emb_user/embeddings", {5, 2})}, dense,
      config);
}

std::string layer(const std::string& class_name, const std::string& name, const std::string& settings,
                  const std::string& calls) {
  return R"({"class_name": ")" + class_name + R"(", "config": {"name": ")" + name + "\"" +
         (settings.empty() ? "" : ", " + settings) + R"(}, "inbound_nodes": [)" + calls + "]}";
}

std::string input(const std::string& name, int width) {
  return layer("InputLayer", name, "\"batch_input_shape\": [null, " + std::to_string(width) + "]", "");
}

// item between pop (two numbers) and user; a hash before every table.
std::string config(const std::string& attention = R"("att_activation": "relu", "weight_normalization": true)",
                   const std::string& pooled = "AttentionSequencePoolingLayer") {
  const std::string hash = R"("num_buckets": )", kept = R"(, "mask_zero": true, "vocabulary_path": null)";
  std::string layers;
  for (const std::string& one :
       {input("item", 1), input("hist_item", 9), input("user", 1), input("pop", 2),
        layer("Hash", "hash", hash + "6" + kept, R"([["item", 0, 0, {}]])"),
        layer("Hash", "hash_1", hash + "6" + kept, R"([["hist_item", 0, 0, {}]])"),
        layer("Hash", "hash_2", hash + R"(5, "mask_zero": false)", R"([["user", 0, 0, {}]])"),
        layer("Embedding", "sparse_seq_emb_hist_item", "",
              R"([["hash", 0, 0, {}]], [["hash_1", 0, 0, {}]], [["hash", 0, 0, {}]])"),
        layer("Embedding", "sparse_emb_user", "", R"([["hash_2", 0, 0, {}]])"),
        layer(pooled, "attention", attention,
              R"([["sparse_seq_emb_hist_item", 0, 0, {}], ["sparse_seq_emb_hist_item", 1, 0, {}]])"),
        layer("Concat", "concat", "", R"([["sparse_seq_emb_hist_item", 2, 0, {}], ["sparse_emb_user", 0, 0, {}]])"),
        layer("Concat", "concat_1", "", R"([["concat", 0, 0, {}], ["attention", 0, 0, {}]])"),
        layer("NoMask", "no_mask", "", R"([["pop", 0, 0, {}]])"),
        layer("Concat", "concat_2", "", R"([["concat_1", 0, 0, {}], ["no_mask", 0, 0, {}]])"),
        layer("DNN", "dnn_5", R"("activation": "tanh")", R"([["concat_2", 0, 0, {}]])"),
        layer("PredictionLayer", "prediction_layer_2", R"("task": "regression")", R"([["dense_2", 0, 0, {}]])")}) {
    layers += (layers.empty() ? "" : ", ") + one;
  }
  return R"({"class_name": "Functional", "config": {"layers": [)" + layers + "]}}";
}

Network built(const Checkpoint& checkpoint, const std::string& text = "") {
  const Recipe recipe = parse_recipe(text, "recipe.toml");
  Conversion conversion(checkpoint, recipe);
  build_network(conversion, choose_preset(checkpoint, recipe));
  return conversion.network;
}

void fails_with(const Checkpoint& checkpoint, const std::string& recipe, const std::string& message) {
  INFO(recipe);
  CHECK_THROWS_MATCHES(built(checkpoint, recipe), Error, MessageMatches(ContainsSubstring(message)));
}

std::vector<std::string> tower_names(const Network& network) {
  std::vector<std::string> names;
  for (const Part& part : network.tower_parts) {
    const bool feature = part.operand.source == format::Source::feature;
    names.push_back(feature ? network.features[part.operand.index].name : "interest");
  }
  return names;
}

}  // namespace

TEST_CASE("A DeepCTR configuration settles the features, their order and every knob", "[presets]") {
  const Network network = built(shared_tables(2, config()));
  CHECK(tower_names(network) == std::vector<std::string>{"item", "user", "interest", "pop"});
  CHECK(network.interests[0].normalizer == format::Normalizer::softmax);
  CHECK(network.interests[0].empty == format::EmptyHistory::pad_row);
  CHECK(network.interests[0].layers[0].activation.kind == format::ActivationKind::relu);
  CHECK(network.tower[0].activation.kind == format::ActivationKind::tanh);
  CHECK(network.head.link == format::Link::identity);
  CHECK(network.sequences[0].max_length == 9);
  CHECK(network.sequences[0].mask == format::Mask::every_id);
}

TEST_CASE("Trap 20: ids go through DeepCTR's hash, where a history's column keeps 0 and others do not", "[presets]") {
  const Network network = built(shared_tables(2, config()));
  const Feature& item = network.features[0];
  const Feature& user = network.features[1];
  const Table& items = network.tables[static_cast<std::size_t>(item.table)];
  const Table& users = network.tables[static_cast<std::size_t>(user.table)];
  CHECK(item.table == item.history_table);
  CHECK(items.hash == format::IdHash::farmhash64_decimal_keep_zero);
  CHECK(items.hash_buckets == 6);
  CHECK(users.hash == format::IdHash::farmhash64_decimal);
  CHECK(users.hash_buckets == 5);
}

TEST_CASE("Texts that DeepCTR hashed are said to have a hash here only where they are whole numbers", "[presets]") {
  std::string texts = config();
  const std::string numbers = R"("name": "user", )";
  texts.replace(texts.find(numbers), numbers.size(), R"("name": "user", "dtype": "string", )");
  const Checkpoint checkpoint = shared_tables(2, texts);
  const Recipe recipe;
  Conversion conversion(checkpoint, recipe);
  build_network(conversion, choose_preset(checkpoint, recipe));
  const auto value_of = [&](const std::string& subject) {
    const auto found = std::ranges::find(conversion.findings, subject, &Finding::subject);
    return found == conversion.findings.end() ? "" : found->value;
  };
  CHECK_THAT(value_of("ids of the table sparse_emb_user"), ContainsSubstring("[ids.user] vocabulary"));
  CHECK(value_of("ids of the table sparse_seq_emb_hist_item") == "hashed to 6 buckets, 0 stays 0");
}

TEST_CASE("Weights of DeepCTR alone tell the history by its table's name, and the user is taken to come first",
          "[presets]") {
  const Network shared = built(shared_tables());
  CHECK(tower_names(shared) == std::vector<std::string>{"user", "item", "interest"});
  CHECK(shared.features[1].table == shared.features[1].history_table);
  CHECK(shared.interests[0].normalizer == format::Normalizer::raw);
  CHECK(shared.interests[0].empty == format::EmptyHistory::zero);
  const Network apart = built(
      checkpoint_with({zeros("sparse_seq_emb_hist_item/embeddings", {7, 2}),
                       zeros("sparse_emb_item/embeddings", {7, 2}), zeros("sparse_emb_user/embeddings", {5, 2})}));
  CHECK(apart.features[1].table != apart.features[1].history_table);
}

TEST_CASE("The recipe gives the order of the features and the dense ones where only weights are there", "[presets]") {
  const Network network = built(
      shared_tables(1), "[inputs]\nuser = [\"user\"]\ncandidate = [\"item\", \"pop\"]\norder = [\"item\", \"user\"]\n");
  CHECK(tower_names(network) == std::vector<std::string>{"item", "user", "interest", "pop"});
  fails_with(shared_tables(), "[inputs]\norder = [\"item\"]\n", "[inputs] order leaves out the feature \"user\"");
  fails_with(shared_tables(1), "", "the tower takes 1 dense numbers, but 0 are named");
}

TEST_CASE("Trap 39: tables without names need the configuration or a recipe", "[presets]") {
  const Checkpoint unnamed = checkpoint_with({zeros("embedding/vars/0", {7, 2}), zeros("embedding_1/vars/0", {5, 2})});
  fails_with(unnamed, "", "does not say which features the history has");
  CHECK(tower_names(built(unnamed, "[inputs]\nhistory = [\"embedding\"]\n")) ==
        std::vector<std::string>{"embedding_1", "embedding", "interest"});
  Checkpoint with_config = checkpoint_with({zeros("embedding/vars/0", {7, 2}), zeros("embedding_1/vars/0", {5, 2})}, 2);
  with_config.documents.push_back({"model_config.json", "model_config.json", config()});
  const Network network = built(with_config);
  CHECK(tower_names(network) == std::vector<std::string>{"item", "user", "interest", "pop"});
  CHECK(network.tables[0].source.name == "embedding/vars/0");
  CHECK(network.tables[1].source.name == "embedding_1/vars/0");
}

TEST_CASE("A configuration that DeepCTR's DIN does not have is refused by its layer", "[presets]") {
  fails_with(shared_tables(2, config("", "SequencePoolingLayer")), "", "has no layer of the class Attention");
  fails_with(shared_tables(2, config(R"("att_activation": "selu")")), "", "has the activation \"selu\"");
  fails_with(shared_tables(2, "{"), "", "din.h5: model_config: is no JSON");
}

}  // namespace dinghy::converter
