// Files that the real PyTorch wrote: make_fixtures.py.
#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "tests/converter/readers/odd_files.h"

namespace dinghy::converter::test {
namespace {

using Catch::Matchers::ContainsSubstring;
using Values = std::vector<double>;

std::vector<std::string> names(const Checkpoint& checkpoint) {
  std::vector<std::string> result;
  for (const Tensor& tensor : checkpoint.tensors) result.push_back(tensor.name);
  return result;
}

Values values(const Checkpoint& checkpoint, const std::string& name) {
  const Tensor* tensor = checkpoint.find(name);
  REQUIRE(tensor);
  return tensor->values();
}

std::string fact(const Checkpoint& checkpoint, const std::string& path) {
  const auto found = std::ranges::find(checkpoint.facts, path, &std::pair<std::string, std::string>::first);
  return found == checkpoint.facts.end() ? "(no fact '" + path + "')" : found->second;
}

TEST_CASE("Trap 29: every element type of PyTorch comes out with its numbers", "[readers]") {
  const Checkpoint checkpoint = read_checkpoint(fixture("dtypes.pth"));
  CHECK(checkpoint.format == "pytorch zip state_dict");
  const std::vector<std::string> types{"float16", "bfloat16", "float32", "float64", "int8",
                                       "uint8",   "int16",    "int32",   "int64"};
  for (const std::string& type : types) {
    INFO(type);
    CHECK(values(checkpoint, type) == Values{0, 1, 2, 3, 4, 5});
    CHECK(name_of(checkpoint.find(type)->dtype) == type);
    CHECK(checkpoint.find(type)->shape == std::vector<std::int64_t>{2, 3});
  }
  CHECK(values(checkpoint, "bool") == Values{0, 1, 1, 1, 1, 1});
  CHECK(values(checkpoint, "scalar") == Values{7.5});
  CHECK(values(checkpoint, "empty").empty());
}

TEST_CASE("Trap 28: views of one storage come out as PyTorch sees them, aliases as such", "[readers]") {
  const Checkpoint checkpoint = read_checkpoint(fixture("views.pth"));
  const Tensor& base = *checkpoint.find("base");
  CHECK(base.same_elements(*checkpoint.find("alias")));
  CHECK_FALSE(base.same_elements(*checkpoint.find("transposed")));
  CHECK(values(checkpoint, "transposed") ==
        Values{0, 6, 12, 18, 1, 7, 13, 19, 2, 8, 14, 20, 3, 9, 15, 21, 4, 10, 16, 22, 5, 11, 17, 23});
  CHECK(values(checkpoint, "columns") == Values{1, 2, 7, 8, 13, 14, 19, 20});
  CHECK(values(checkpoint, "every_other_row") == Values{0, 1, 2, 3, 4, 5, 12, 13, 14, 15, 16, 17});
  CHECK(values(checkpoint, "last_row") == Values{18, 19, 20, 21, 22, 23});
}

TEST_CASE("Trap 36: wrappers and prefixes around a state_dict fall away", "[readers]") {
  const std::vector<std::string> plain{"a.weight", "b.weight"};
  for (const char* name : {"wrapped.pth", "compiled.pth", "protocol4.pth", "protocol5.pth", "legacy.pth"}) {
    INFO(name);
    const Checkpoint checkpoint = read_checkpoint(fixture(name));
    CHECK(names(checkpoint) == plain);
    CHECK(values(checkpoint, "a.weight") == Values{0, 1, 2, 3, 4, 5});
    CHECK(values(checkpoint, "b.weight") == Values{0, 1, 2});
  }
  CHECK(values(read_checkpoint(fixture("parameter.pth")), "weight") == Values{0, 1, 2, 3});
  CHECK(read_checkpoint(fixture("legacy.pth")).format == "pytorch legacy state_dict");
}

TEST_CASE("what stands beside a wrapped state_dict becomes facts", "[readers]") {
  const Checkpoint checkpoint = read_checkpoint(fixture("wrapped.pth"));
  CHECK(fact(checkpoint, "epoch") == "3");
  CHECK(fact(checkpoint, "note") == "tiny");
  CHECK(checkpoint.facts.size() == 2);
}

TEST_CASE("a whole module gives the names and the order of its state_dict", "[readers]") {
  for (const char* name : {"whole.pth", "whole4.pth"}) {
    const Checkpoint checkpoint = read_checkpoint(fixture(name));
    CHECK(checkpoint.format == "pytorch zip whole module");
    // The buffer `scratch` is not persistent.
    CHECK(names(checkpoint) ==
          std::vector<std::string>{"embedding.item.weight", "embedding.hist_item.weight", "gates.0.alpha",
                                   "gates.0.kept", "gates.0.bn.weight", "gates.0.bn.bias", "gates.0.bn.running_mean",
                                   "gates.0.bn.running_var", "gates.0.bn.num_batches_tracked", "gates.1.alpha",
                                   "gates.1.kept", "gates.1.bn.weight", "gates.1.bn.bias", "gates.1.bn.running_mean",
                                   "gates.1.bn.running_var", "gates.1.bn.num_batches_tracked", "out.weight"});
    CHECK(checkpoint.find("embedding.item.weight")->same_elements(*checkpoint.find("embedding.hist_item.weight")));
    CHECK(values(checkpoint, "gates.1.kept") == Values{0, 1, 2});
  }
}

TEST_CASE("arrays of texts in a pickled data set become documents, under keys of Python and of NumPy alike",
          "[readers]") {
  const Checkpoint checkpoint = read_checkpoint(DINGHY_SOURCE_DIR "/tests/golden/recbole/DIN.pth");
  const Document* tokens = checkpoint.find_document("other_parameter.embedding_layer.dataset.field2id_token.category");
  REQUIRE(tokens);
  CHECK(tokens->text.starts_with(R"(["[PAD]","c3","c7",)"));
  CHECK_THAT(tokens->source, ContainsSubstring("DIN.pth: "));
}

TEST_CASE("a whole module's hyper-parameters become facts", "[readers]") {
  for (const char* name : {"whole.pth", "whole4.pth"}) {
    const Checkpoint checkpoint = read_checkpoint(fixture(name));
    CHECK(fact(checkpoint, "class") == "__main__.Model");
    CHECK(fact(checkpoint, "gates.0.bn.eps") == "1e-08");
    CHECK(fact(checkpoint, "gates.1.bn.class") == "torch.nn.modules.batchnorm.BatchNorm1d");
    CHECK(fact(checkpoint, "columns[0].class") == "__main__.Column");
    CHECK(fact(checkpoint, "columns[1].class.args") == "[\"category\",3,2]");
    CHECK(fact(checkpoint, "history_names") == "[\"item\",\"category\"]");
    CHECK(fact(checkpoint, "weight_normalization") == "true");
    CHECK(fact(checkpoint, "embedding.item.padding_idx") == "null");
    CHECK(fact(checkpoint, "myself[0].class") == "(no fact 'myself[0].class')");  // it would go round in circles
  }
}

TEST_CASE("tensors of PyTorch that are no plain dense numbers are refused by name", "[readers]") {
  CHECK_THAT(error_of(fixture("expanded.pth")),
             ContainsSubstring("tensor \"wide\"") && ContainsSubstring("contiguous()"));
  CHECK_THAT(error_of(fixture("complex.pth")),
             ContainsSubstring("tensor \"odd\": has the type \"torch.ComplexFloatStorage\""));
  CHECK_THAT(error_of(fixture("sparse.pth")), ContainsSubstring("_rebuild_sparse_tensor"));
  CHECK_THAT(error_of(fixture("negated.pth")), ContainsSubstring("resolve_neg"));
  CHECK_THAT(error_of(fixture("script.pt")), ContainsSubstring("TorchScript") && ContainsSubstring("state_dict()"));
}

}  // namespace
}  // namespace dinghy::converter::test
