// A small checkpoint of FuxiCTR with its feature map, for the tests of its preset.
#pragma once

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <string>
#include <vector>

#include "converter/error.h"
#include "converter/presets/presets.h"
#include "tests/converter/memory_tensor.h"

namespace dinghy::converter {

inline const std::string kEmbeddings = "embedding_layer.embedding_layers.";
inline const std::string kAttention = "attention_layers.0.attention_layer.mlp.";

inline Tensor counted(const std::string& name, std::vector<std::int64_t> shape) {
  return numbered_tensor(name, std::move(shape), 1);
}

inline Tensor second_name(const Tensor& tensor, const std::string& name) {
  Tensor alias = tensor;
  alias.name = name;
  return alias;
}

inline void add_linear(Checkpoint& checkpoint, const std::string& module, std::int64_t inputs, std::int64_t outputs) {
  checkpoint.tensors.push_back(counted(module + ".weight", {outputs, inputs}));
  checkpoint.tensors.push_back(counted(module + ".bias", {outputs}));
}

inline void add_dice(Checkpoint& checkpoint, const std::string& module, std::int64_t width) {
  for (const char* name : {".alpha", ".bn.running_mean", ".bn.running_var"}) {
    checkpoint.tensors.push_back(counted(module + name, {width}));
  }
}

inline void document(Checkpoint& checkpoint, const std::string& name, const std::string& text) {
  std::erase_if(checkpoint.documents, [&](const Document& other) { return other.name == name; });
  checkpoint.documents.push_back({name, "runs/" + name, text});
}

constexpr const char* kMap = R"({"features": [
  {"item": {"type": "categorical", "padding_idx": 0, "vocab_size": 4}},
  {"user": {"type": "categorical", "padding_idx": 0, "vocab_size": 3}},
  {"hist_item": {"type": "sequence", "share_embedding": "item", "padding_idx": 0, "max_len": 9, "vocab_size": 4}}]})";

// item and hist_item in one table of width 2, user, and a tower that begins with a layer of 4 channels.
inline Checkpoint without_tower() {
  const Tensor item = counted(kEmbeddings + "item.weight", {4, 2});
  Checkpoint checkpoint = memory_checkpoint(
      {item, counted(kEmbeddings + "user.weight", {3, 2}), second_name(item, kEmbeddings + "hist_item.weight")});
  checkpoint.path = "DIN.model";
  checkpoint.format = "pytorch zip state_dict";
  add_linear(checkpoint, kAttention + "0", 8, 3);
  add_dice(checkpoint, kAttention + "1", 3);
  add_linear(checkpoint, kAttention + "2", 3, 1);
  document(checkpoint, "feature_map.json", kMap);
  return checkpoint;
}

inline Checkpoint small_checkpoint() {
  Checkpoint checkpoint = without_tower();
  add_linear(checkpoint, "dnn.mlp.0", 6, 4);
  add_linear(checkpoint, "dnn.mlp.2", 4, 1);
  return checkpoint;
}

inline Conversion built(const Checkpoint& checkpoint, const Recipe& recipe = {}) {
  Conversion conversion(checkpoint, recipe);
  build_network(conversion, choose_preset(checkpoint, recipe));
  return conversion;
}

inline void fails_with(const Checkpoint& checkpoint, const std::string& message) {
  CHECK_THROWS_MATCHES(built(checkpoint), Error,
                       Catch::Matchers::MessageMatches(Catch::Matchers::ContainsSubstring(message)));
}

inline std::string parts_of(const Network& network) {
  std::string text;
  for (const Part& part : network.tower_parts) {
    const bool interest = part.operand.source == format::Source::interest;
    text += (interest ? "interest" : network.features[part.operand.index].name) + " ";
  }
  return text;
}

inline const Vocabulary& vocabulary_of(const Network& network, const Table& table) {
  REQUIRE(table.vocabulary >= 0);
  return network.vocabularies.at(static_cast<std::size_t>(table.vocabulary));
}

}  // namespace dinghy::converter
