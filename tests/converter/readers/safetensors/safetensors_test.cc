#include "converter/readers/safetensors/safetensors.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <filesystem>

#include "tests/converter/readers/odd_files.h"

namespace dinghy::converter::test {
namespace {

using Catch::Matchers::ContainsSubstring;
using Values = std::vector<double>;

std::string safetensors(const std::string& header, const std::string& buffer) {
  return bytes_of<std::uint64_t>({header.size()}) + header + buffer;
}

std::string entry(const std::string& name, const std::string& shape, std::size_t begin, std::size_t end,
                  const std::string& dtype = "F32") {
  return "\"" + name + "\":{\"dtype\":\"" + dtype + "\",\"shape\":" + shape + ",\"data_offsets\":[" +
         std::to_string(begin) + "," + std::to_string(end) + "]}";
}

const std::string kThree = bytes_of<float>({1, 2, 3});

}  // namespace

TEST_CASE("Trap 29: every element type that safetensors itself wrote comes out with its numbers, halves as such",
          "[readers]") {
  const Checkpoint checkpoint = read_checkpoint(fixture("dtypes.safetensors"));
  CHECK(checkpoint.format == "safetensors");
  REQUIRE(checkpoint.tensors.size() == 11);
  for (const char* type : {"float16", "bfloat16", "float32", "float64", "int8", "uint8", "int16", "int32", "int64"}) {
    INFO(type);
    const Tensor* tensor = checkpoint.find(type);
    REQUIRE(tensor);
    CHECK(name_of(tensor->dtype) == std::string(type));
    CHECK(tensor->shape == std::vector<std::int64_t>{2, 3});
    CHECK(tensor->values() == Values{0, 1, 2, 3, 4, 5});
  }
  CHECK(checkpoint.find("bool")->values() == Values{0, 1, 1, 1, 1, 1});
  CHECK(checkpoint.find("scalar")->values() == Values{7.5});
  REQUIRE(checkpoint.facts.size() == 1);
  CHECK(checkpoint.facts[0] == std::pair<std::string, std::string>("metadata.format", "pt"));
}

TEST_CASE("a safetensors file cut at any length is refused", "[readers][repeats]") {
  const TemporaryFolder folder;
  const std::string whole = read_file(fixture("dtypes.safetensors"));
  for (std::size_t length = 0; length < whole.size(); ++length) {
    CHECK_FALSE(error_of(folder.write("cut.safetensors", whole.substr(0, length))).empty());
  }
}

TEST_CASE("a safetensors header is read as strictly as the format says", "[readers]") {
  const TemporaryFolder folder;
  const auto write = [&](const std::string& entries, const std::string& buffer) {
    return folder.write("a.safetensors", safetensors("{" + entries + "}", buffer));
  };
  const std::string two = entry("a", "[2]", 0, 8), one = entry("b", "[1]", 8, 12);
  const Checkpoint good = read_checkpoint(write(one + "," + two, kThree));
  CHECK(good.tensors.at(0).values() == Values{3});
  CHECK(good.tensors.at(1).values() == Values{1, 2});
  const auto refused = [&](const std::string& entries) { return error_of(write(entries, kThree)); };
  CHECK_THAT(refused(two), ContainsSubstring("4 bytes behind its last tensor"));
  CHECK_THAT(refused(entry("a", "[1]", 0, 4) + "," + one), ContainsSubstring("\"b\": has unused bytes before it"));
  CHECK_THAT(refused(entry("a", "[3]", 0, 12) + "," + one), ContainsSubstring("\"b\": overlaps another"));
  CHECK_THAT(refused(two + "," + entry("b", "[2]", 8, 16)), ContainsSubstring("reaches outside the file"));
  CHECK_THAT(refused(two + "," + entry("b", "[1]", 12, 8)), ContainsSubstring("reaches outside the file"));
  CHECK_THAT(refused(entry("a", "[2,2]", 0, 12)), ContainsSubstring("12 bytes, which is not [2, 2] of float32"));
  CHECK_THAT(refused(entry("a", "[-3]", 0, 12)), ContainsSubstring("not of numbers from 0 up"));
  CHECK_THAT(refused(entry("a", "[9223372036854775809]", 0, 12)), ContainsSubstring("impossibly large"));
  CHECK_THAT(refused(entry("a", "[4611686018427387904,8]", 0, 12)), ContainsSubstring("impossibly large"));
  CHECK_THAT(refused(entry("a", "3", 0, 12)), ContainsSubstring("has no shape"));
  CHECK_THAT(refused("\"a\":{\"shape\":[3],\"data_offsets\":[0,12]}"), ContainsSubstring("has no dtype"));
  CHECK_THAT(refused(two + "," + entry("a", "[1]", 8, 12)), ContainsSubstring("two tensors named \"a\""));
  CHECK_THAT(refused(two + ",\"b\":7"), ContainsSubstring("\"b\", which describes no tensor"));
  CHECK_THAT(refused("\"a\":{\"b\":{\"c\":{\"d\":1}}}"), ContainsSubstring("nests deeper"));
  CHECK_THAT(refused(two + ",," + one), ContainsSubstring("no valid JSON"));
  CHECK_THAT(error_of(write("", "")), ContainsSubstring("holds no tensors"));
}

TEST_CASE("Trap 29: 8-bit floats and wide unsigned integers are refused by name, never read as something else",
          "[readers]") {
  const TemporaryFolder folder;
  for (const std::string type : {"F8_E4M3", "F8_E5M2", "U16", "U32", "U64"}) {
    INFO(type);
    const std::string header = "{" + entry("table", "[12]", 0, 12, type) + "}";
    const std::string message = error_of(folder.write("a.safetensors", safetensors(header, kThree)));
    CHECK_THAT(message, ContainsSubstring("tensor \"table\"") && ContainsSubstring(type) && ContainsSubstring("BF16"));
  }
}

TEST_CASE("safetensors in several files come out in the order of their index, by folder and by index", "[readers]") {
  const std::string index = fixture("sharded/model.safetensors.index.json");
  for (const std::string& path : {index, fixture("sharded")}) {
    const Checkpoint checkpoint = read_checkpoint(path);
    CHECK(checkpoint.path == fixture("sharded"));
    CHECK(checkpoint.format == "safetensors, 2 files");
    CHECK(checkpoint.files == std::vector<std::string>{"model-00001-of-00002.safetensors",
                                                       "model-00002-of-00002.safetensors",
                                                       "model.safetensors.index.json"});
    REQUIRE(checkpoint.tensors.size() == 3);
    CHECK(checkpoint.tensors[0].name == "out.weight");
    CHECK(checkpoint.find("embedding.weight")->values() == Values{0, 1, 2, 3, 4, 5});
    CHECK(checkpoint.find("out.bias")->values() == Values{0, 1});
  }
}

TEST_CASE("an index of safetensors reaches no file outside its folder, and has to fit its files", "[readers]") {
  const TemporaryFolder folder;
  folder.write("a.safetensors", safetensors("{" + entry("a", "[3]", 0, 12) + "}", kThree));
  const auto refused = [&](const std::string& map) {
    return error_of(folder.write("m.safetensors.index.json", "{\"weight_map\":{" + map + "}}"));
  };
  CHECK_THAT(refused("\"a\":\"../a.safetensors\""), ContainsSubstring("leaves the checkpoint's folder"));
  CHECK_THAT(refused("\"a\":\"/etc/passwd\""), ContainsSubstring("not relative to the checkpoint"));
  CHECK_THAT(refused("\"a\":7"), ContainsSubstring("does not name the file of \"a\""));
  std::filesystem::create_symlink(folder.path("a.safetensors"), folder.path("link.safetensors"));
  CHECK_THAT(refused("\"a\":\"link.safetensors\""), ContainsSubstring("is a link"));
  CHECK_THAT(refused("\"b\":\"a.safetensors\""), ContainsSubstring("lacks the tensor \"b\""));
  CHECK_THAT(refused("\"a\":\"c.safetensors\""), ContainsSubstring("c.safetensors: cannot be opened"));
  CHECK_THAT(refused("\"a\":" + std::string(8, '[') + std::string(8, ']')), ContainsSubstring("nests deeper"));
  const std::string note = R"({"metadata":{"from":"a.weights.h5"},"weight_map":{"a":"a.safetensors"}})";
  CHECK(read_checkpoint(folder.write("m.safetensors.index.json", note)).find("a"));
  CHECK_THAT(refused(""), ContainsSubstring("no \"weight_map\" with tensors"));
  CHECK_THAT(refused("\"a\":"), ContainsSubstring("no valid JSON"));
  folder.write("b.safetensors",
               safetensors("{" + entry("a", "[1]", 0, 4) + "," + entry("b", "[2]", 4, 12) + "}", kThree));
  CHECK_THAT(refused("\"a\":\"b.safetensors\""), ContainsSubstring("names 1 tensors, but its files hold 2"));
  folder.write("n.safetensors.index.json", "{}");
  CHECK_THAT(error_of(folder.path("")),
             ContainsSubstring("holds several models, m.safetensors.index.json, n.safetensors.index.json"));
}

}  // namespace dinghy::converter::test
