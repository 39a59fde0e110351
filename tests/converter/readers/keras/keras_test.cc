// The layouts in which Keras saves weights.
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <fstream>
#include <iterator>

#include "tests/converter/readers/keras/h5_writer.h"
#include "tests/converter/readers/odd_files.h"

namespace dinghy::converter::test {
namespace {

using Catch::Matchers::ContainsSubstring;

std::vector<std::string> names_of(const Checkpoint& checkpoint) {
  std::vector<std::string> names;
  for (const Tensor& tensor : checkpoint.tensors) names.push_back(tensor.name);
  return names;
}

std::string bytes_of_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// Two layers of Keras 2 under `root`, and one without weights.
void write_named(H5Writer& file, const std::string& root) {
  file.dataset(root + "top_0/top_0/kernel:0", {2, 3}, {1, 2, 3, 4, 5, 6});
  file.dataset(root + "top_0/top_0/bias:0", {3}, {7, 8, 9});
  file.dataset(root + "item_emb/item_emb/embeddings:0", {2, 1}, {10, 11});
  file.group(root + "input");
  file.texts(root + "input", "weight_names", {});
  file.texts(root + "top_0", "weight_names", {"top_0/kernel:0", "top_0/bias:0"});
  file.texts(root + "item_emb", "weight_names", {"item_emb/embeddings:0"});
}

const std::string kConfig = R"({"class_name": "Functional", "config": {"layers": [
  {"class_name": "Embedding", "config": {"name": "sparse_emb_item"}},
  {"class_name": "Embedding", "config": {"name": "sparse_emb_user"}},
  {"class_name": "din>PReLU", "config": {"name": "act"}},
  {"class_name": "Functional", "config": {"name": "inner", "layers": [{"class_name": "Dense", "config": {"name": "d"}}]}}]}})";

/// The layout of Keras 3 with variables of two tables, a PReLU and a model inside the model, and an optimizer.
void write_numbered(const std::string& path) {
  H5Writer file(path);
  file.dataset("layers/embedding_1/vars/0", {1}, {2});
  file.dataset("layers/embedding/vars/0", {1}, {1});
  file.dataset("layers/p_re_lu/vars/0", {1}, {3});
  file.dataset("layers/functional/layers/dense/vars/0", {1}, {4});
  for (int i = 0; i < 11; ++i) file.dataset("layers/dnn/vars/" + std::to_string(i), {1}, {static_cast<float>(i)});
  file.dataset("optimizer/vars/0", {1}, {9});
  file.dataset("metrics/mean/vars/0", {1}, {9});
  file.group("vars");
}

}  // namespace

TEST_CASE("Weights of Keras 2 come in the order of the layers, by their own names without the output's number",
          "[readers]") {
  TemporaryFolder folder;
  const std::string path = folder.path("weights.h5");
  for (const std::string root : {"", "model_weights/"}) {
    {
      H5Writer file(path);
      write_named(file, root);
      file.texts(root.empty() ? "/" : root, "layer_names", {"input", "top_0", "item_emb"});
      if (!root.empty()) file.text("/", "model_config", R"({"config": {}})");
    }
    const Checkpoint checkpoint = read_checkpoint(path);
    CHECK(names_of(checkpoint) == std::vector<std::string>{"top_0/kernel", "top_0/bias", "item_emb/embeddings"});
    CHECK(checkpoint.tensors[0].shape == std::vector<std::int64_t>{2, 3});
    CHECK(checkpoint.tensors[0].values() == std::vector<double>{1, 2, 3, 4, 5, 6});
    CHECK(checkpoint.format == (root.empty() ? "keras h5 weights" : "keras h5 model"));
    CHECK((checkpoint.find_document("model_config") != nullptr) == !root.empty());
  }
}

TEST_CASE("A list of layers over 64 kB is spread over numbered attributes", "[readers]") {
  TemporaryFolder folder;
  const std::string path = folder.path("weights.h5");
  {
    H5Writer file(path);
    write_named(file, "");
    file.texts("/", "layer_names0", {"item_emb"});
    file.texts("/", "layer_names1", {"input", "top_0"}, false);
  }
  CHECK(names_of(read_checkpoint(path)) ==
        std::vector<std::string>{"item_emb/embeddings", "top_0/kernel", "top_0/bias"});
}

TEST_CASE("Variables of Keras 3 are named by the layers around them", "[readers]") {
  TemporaryFolder folder;
  const std::string path = folder.path("m.weights.h5");
  {
    H5Writer file(path);
    file.dataset("layers/din_attention/ffn/dense/vars/0", {1}, {1});
    file.dataset("layers/din_attention/act/dice/bn/vars/0", {1}, {2});
    file.dataset("layers/din_attention/act/dice/vars/0", {1}, {3});
    file.group("layers/din_attention/vars");
    file.group("vars");
    file.text("vars", "name", "din");
    file.text("layers/din_attention/vars", "name", "attention");
    file.text("layers/din_attention/ffn/dense/vars", "name", "ffn_0");
    file.text("layers/din_attention/act/dice/vars", "name", "dice_0");
    file.text("layers/din_attention/act/dice/bn/vars", "name", "bn");
  }
  CHECK(names_of(read_checkpoint(path)) ==
        std::vector<std::string>{"attention/dice_0/bn/vars/0", "attention/dice_0/vars/0", "attention/ffn_0/vars/0"});
}

TEST_CASE("Two layers of one name keep the names of their groups", "[readers]") {
  TemporaryFolder folder;
  const std::string path = folder.path("m.weights.h5");
  {
    H5Writer file(path);
    for (const std::string layer : {"dense", "dense_1"}) {
      file.dataset("layers/" + layer + "/vars/0", {1}, {1});
      file.text("layers/" + layer + "/vars", "name", "same");
    }
  }
  CHECK(names_of(read_checkpoint(path)) == std::vector<std::string>{"layers/dense/vars/0", "layers/dense_1/vars/0"});
}

TEST_CASE("Trap 39: Keras 2.15 writes the layout of Keras 3, whose layers get their names from the configuration",
          "[readers]") {
  TemporaryFolder folder;
  const std::string weights = folder.path("m.weights.h5");
  write_numbered(weights);
  const std::string archive = folder.path("m.keras");
  write_zip(archive, {{"metadata.json", "{}"}, {"config.json", kConfig}, {"model.weights.h5", bytes_of_file(weights)}});
  std::vector<std::string> dnn;
  for (int i = 0; i < 11; ++i) dnn.push_back("dnn/vars/" + std::to_string(i));  // 10 behind 9, not behind 1

  const auto with_dnn = [&](std::vector<std::string> names) {
    names.insert(names.begin(), dnn.begin(), dnn.end());
    return names;
  };
  const Checkpoint named = read_checkpoint(archive);
  CHECK(names_of(named) ==
        with_dnn({"sparse_emb_item/vars/0", "sparse_emb_user/vars/0", "inner/d/vars/0", "act/vars/0"}));
  CHECK(named.find("sparse_emb_user/vars/0")->values() == std::vector<double>{2});
  CHECK(named.find_document("model_config")->text == kConfig);
  CHECK(named.format == "keras archive");

  const Checkpoint unnamed = read_checkpoint(weights);
  CHECK(names_of(unnamed) ==
        with_dnn({"embedding/vars/0", "embedding_1/vars/0", "functional/dense/vars/0", "p_re_lu/vars/0"}));
}

TEST_CASE("Numbers come out the same whether packed, in swapped bytes, or in 16 bits", "[readers]") {
  TemporaryFolder folder;
  const std::string path = folder.path("m.weights.h5");
  std::vector<float> numbers;
  for (int i = 0; i < 60; ++i) numbers.push_back(static_cast<float>(i) * 0.5f);
  {
    H5Writer file(path);
    file.dataset("layers/packed/vars/0", {15, 4}, numbers, H5Writer::Packing::gzip);
    file.big_endian_dataset("layers/swapped/vars/0", numbers);
    file.bfloat16_dataset("layers/short/vars/0", {0x3f80, 0xc000});
  }
  const Checkpoint checkpoint = read_checkpoint(path);
  const std::vector<double> expected(numbers.begin(), numbers.end());
  CHECK(checkpoint.find("packed/vars/0")->values() == expected);
  CHECK(checkpoint.find("swapped/vars/0")->values() == expected);
  CHECK(checkpoint.find("short/vars/0")->values() == std::vector<double>{1, -2});
  std::vector<double> rows(8);
  checkpoint.find("packed/vars/0")->read_rows(7, 2, rows);
  CHECK(rows == std::vector<double>(expected.begin() + 28, expected.begin() + 36));
}

}  // namespace dinghy::converter::test
