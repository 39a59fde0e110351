// What lies in a SavedModel beside its variables, and how Keras 3 calls the variables of an object graph.
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <filesystem>

#include "converter/error.h"
#include "converter/readers/tensorflow/variable_names.h"
#include "tests/converter/readers/odd_files.h"

namespace dinghy::converter::test {
namespace {

using Catch::Matchers::ContainsSubstring;
namespace fs = std::filesystem;

// A field of a protobuf message with fewer than 128 bytes.
std::string field(int number, const std::string& bytes) {
  return std::string{static_cast<char>(number << 3 | 2), static_cast<char>(bytes.size())} + bytes;
}

std::string node(const std::string& path, const std::string& metadata) {
  return field(1, field(3, path) + field(4, "_tf_keras_layer") + field(5, metadata));
}

std::string saved_model(const TemporaryFolder& folder) {
  fs::copy(fixture("tensorflow/saved_model"), folder.path("model"), fs::copy_options::recursive);
  return folder.path("model");
}

}  // namespace

TEST_CASE("readers: the keras_metadata.pb of a SavedModel has the model's configuration", "[readers]") {
  const TemporaryFolder folder;
  const std::string model = saved_model(folder), text = R"({"class_name": "Functional", "config": {}})";
  const std::string metadata = folder.write("model/keras_metadata.pb", node("root.layer-0", "{}") + node("root", text));
  const Checkpoint checkpoint = read_checkpoint(model);
  const Document* document = checkpoint.find_document("model_config");
  REQUIRE(document);
  CHECK(document->text == text);
  CHECK(document->source == metadata);
  CHECK(checkpoint.files.front() == "keras_metadata.pb");

  folder.write("model/keras_metadata.pb", node("root.layer-0", "{}"));
  CHECK_FALSE(read_checkpoint(model).find_document("model_config"));
  folder.write("model/keras_metadata.pb", node("root", text).substr(0, 20));
  CHECK_THAT(error_of(model), ContainsSubstring("keras_metadata.pb"));
}

TEST_CASE("readers: a file of a SavedModel is refused, its folder is asked for", "[readers]") {
  const TemporaryFolder folder;
  saved_model(folder);
  for (const std::string part : {"saved_model.pb", "saved_model.pbtxt", "keras_metadata.pb"}) {
    CHECK_THAT(error_of(folder.write("model/" + part, "")),
               ContainsSubstring("is a part of a SavedModel; give its folder"));
  }
}

TEST_CASE("readers: a SavedModel without its variables says so", "[readers]") {
  const TemporaryFolder folder;
  const std::string model = saved_model(folder);
  folder.write("model/saved_model.pb", "");
  fs::remove_all(folder.path("model/variables"));
  CHECK_THAT(error_of(model), ContainsSubstring("is a SavedModel without variables/variables.index") &&
                                  ContainsSubstring("variables/ too"));
  fs::create_directory(folder.path("model/variables"));
  CHECK_THAT(error_of(model), ContainsSubstring("is a SavedModel without variables/variables.index"));
}

TEST_CASE("readers: variables of Keras 3 that share a name have those of their layers", "[readers]") {
  using Names = std::vector<std::string>;
  const auto named = [](const std::vector<std::pair<std::string, std::string>>& variables) {
    std::vector<Tensor> tensors;
    std::map<std::string, std::string> own;
    for (const auto& [path, name] : variables) {
      tensors.emplace_back();
      tensors.back().name = path + "/.ATTRIBUTES/VARIABLE_VALUE";
      own[tensors.back().name] = name;
    }
    name_variables(tensors, own);
    Names names;
    for (const Tensor& tensor : tensors) names.push_back(tensor.name);
    return names;
  };
  CHECK(named({{"model/_operations/2/_embeddings", "item_emb/embeddings"},
               {"model/_operations/3/query/_kernel", "attention/kernel"},
               {"model/_operations/3/score/_kernel", "attention/kernel"}}) ==
        Names{"item_emb/embeddings", "attention/query/kernel", "attention/score/kernel"});
  CHECK(named({{"model/attention/score/_kernel", "din/kernel"}, {"model/top_0/_kernel", "din/kernel"}}) ==
        Names{"attention/score/kernel", "top_0/kernel"});
  CHECK(named({{"attention/score/_kernel", "din/kernel"}, {"top_0/_kernel", "din/kernel"}}) ==
        Names{"attention/score/kernel", "top_0/kernel"});
  // Two layers of one class and attribute: only the path tells them.
  CHECK(named({{"model/_layers/1/score/_kernel", "unit/kernel"}, {"model/_layers/2/score/_kernel", "unit/kernel"}}) ==
        Names{"model/_layers/1/score/_kernel", "model/_layers/2/score/_kernel"});
}

}  // namespace dinghy::converter::test
