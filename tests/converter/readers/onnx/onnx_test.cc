#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <filesystem>

#include "converter/error.h"
#include "converter/graph.h"
#include "tests/converter/readers/odd_files.h"
#include "tests/converter/readers/onnx/onnx_writer.h"

using Catch::Matchers::ContainsSubstring;

namespace dinghy::converter::test {
namespace {

std::string written(const TemporaryFolder& folder, const std::string& graph_fields) {
  return folder.write("m.onnx", onnx_model(graph_fields));
}

std::string with_external(const TemporaryFolder& folder,
                          const std::vector<std::pair<std::string, std::string>>& entries) {
  return written(folder, bytes_field(5, onnx_external_tensor("w", {2, 2}, entries)));
}

}  // namespace

TEST_CASE("An ONNX file gives its initialisers as tensors and its nodes as a graph", "[readers]") {
  const TemporaryFolder folder;
  const std::string axis = bytes_field(5, bytes_field(1, "axis") + varint_field(3, static_cast<std::uint64_t>(-1)));
  const Checkpoint checkpoint = read_checkpoint(
      written(folder, bytes_field(1, onnx_node("Concat", {"a", "", "w"}, "c", axis)) +
                          bytes_field(5, onnx_tensor("w", {2, 3}, {1, 2, 3, 4, 5, 6})) +
                          bytes_field(11, onnx_input("a", 7, {-1, 50})) + bytes_field(12, bytes_field(1, "c"))));
  CHECK(checkpoint.format == "ONNX");
  REQUIRE(checkpoint.tensors.size() == 1);
  CHECK(checkpoint.tensors[0].shape == std::vector<std::int64_t>{2, 3});
  CHECK(checkpoint.tensors[0].values() == std::vector<double>{1, 2, 3, 4, 5, 6});
  REQUIRE(checkpoint.graph);
  const GraphNode& node = checkpoint.graph->nodes.at(0);
  CHECK(node.op == "Concat");
  CHECK(node.inputs == std::vector<std::string>{"a", "", "w"});
  CHECK(node.find("axis")->ints == std::vector<std::int64_t>{-1});
  CHECK(checkpoint.graph->inputs.at(0).integer);
  CHECK(checkpoint.graph->inputs.at(0).shape == std::vector<std::int64_t>{-1, 50});
  CHECK(checkpoint.graph->outputs == std::vector<std::string>{"c"});
  CHECK(checkpoint.graph->opset == 17);
}

TEST_CASE("Numbers of an ONNX tensor may be listed instead of raw", "[readers]") {
  const TemporaryFolder folder;
  const std::string half = varint_field(1, 2) + varint_field(2, 10) + bytes_field(8, "half") + varint_field(5, 0x3c00) +
                           varint_field(5, 0xc000);
  const std::string ids = varint_field(1, 2) + varint_field(2, 7) + bytes_field(8, "ids") +
                          varint_field(7, static_cast<std::uint64_t>(-3)) + varint_field(7, 1LL << 40);
  const std::string floats =
      varint_field(1, 2) + varint_field(2, 1) + bytes_field(8, "floats") + bytes_field(4, bytes_of<float>({0.5F, -2}));
  const Checkpoint checkpoint =
      read_checkpoint(written(folder, bytes_field(5, half) + bytes_field(5, ids) + bytes_field(5, floats)));
  CHECK(checkpoint.find("half")->values() == std::vector<double>{1, -2});
  CHECK(checkpoint.find("ids")->values() == std::vector<double>{-3, static_cast<double>(1LL << 40)});
  CHECK(checkpoint.find("floats")->values() == std::vector<double>{0.5, -2});
}

TEST_CASE("An ONNX graph of more than a hundred thousand nodes is refused", "[readers]") {
  const TemporaryFolder folder;
  const std::string node = bytes_field(1, onnx_node("Relu", {}, "y"));
  std::string nodes;
  for (int i = 0; i <= 100'000; ++i) nodes += node;
  CHECK_THAT(error_of(written(folder, nodes)), ContainsSubstring("has more than 100000 nodes"));
}

TEST_CASE("A field of ONNX whose number has more than 32 bits is refused", "[readers]") {
  const TemporaryFolder folder;
  const std::string field = "\xa0\x81\x80\x80\x80\x01\x01";  // 2^32 + 20
  CHECK_THAT(error_of(written(folder, bytes_field(5, onnx_tensor("w", {1}, {1})) + field)),
             ContainsSubstring("has a field without a number"));
}

TEST_CASE("Data of an ONNX tensor may lie in a file of the model's folder", "[readers]") {
  const TemporaryFolder folder;
  std::filesystem::create_directory(folder.path("weights"));
  folder.write("weights/w.bin", "xxxx" + bytes_of<float>({1, 2, 3, 4}));
  const Checkpoint checkpoint =
      read_checkpoint(with_external(folder, {{"location", "weights/w.bin"}, {"offset", "4"}, {"length", "16"}}));
  CHECK(checkpoint.find("w")->values() == std::vector<double>{1, 2, 3, 4});
  CHECK(checkpoint.path == folder.path("").substr(0, folder.path("").size() - 1));
  CHECK(checkpoint.files == std::vector<std::string>{"m.onnx", "weights/w.bin"});
}

TEST_CASE("Data of an ONNX tensor is never read from outside the model's folder", "[readers]") {
  const TemporaryFolder folder;
  std::filesystem::create_directory(folder.path("model"));
  folder.write("secret", bytes_of<float>({1, 2, 3, 4}));
  std::filesystem::create_symlink(folder.path("secret"), folder.path("model/link"));
  std::filesystem::create_directory_symlink(folder.path("."), folder.path("model/up"));
  const auto error_for = [&](const std::string& location) {
    const std::string tensor = onnx_external_tensor("w", {2, 2}, {{"location", location}});
    return error_of(folder.write("model/m.onnx", onnx_model(bytes_field(5, tensor))));
  };
  CHECK_THAT(error_for("../secret"), ContainsSubstring("leaves the checkpoint's folder"));
  CHECK_THAT(error_for("sub/../../secret"), ContainsSubstring("leaves the checkpoint's folder"));
  CHECK_THAT(error_for(folder.path("secret")), ContainsSubstring("not relative to the checkpoint"));
  CHECK_THAT(error_for("link"), ContainsSubstring("is a link"));
  CHECK_THAT(error_for("up/secret"), ContainsSubstring("is a link"));
  CHECK_THAT(error_for("..\\secret"), ContainsSubstring("not relative to the checkpoint"));
  CHECK_THAT(error_for(""), ContainsSubstring("no file name"));
  CHECK_THAT(error_for("nothing"), ContainsSubstring("cannot be opened"));
}

TEST_CASE("Every element type of ONNX that a table can have comes out with its numbers", "[readers]") {
  const TemporaryFolder folder;
  // dims, data_type, int32_data (which also carries smaller types and the bits of halves), name
  const auto listed = [](std::uint64_t type, std::uint64_t bits) {
    return varint_field(1, 1) + varint_field(2, type) + varint_field(5, bits) + bytes_field(8, "w");
  };
  const std::pair<std::uint64_t, double> types[] = {{2, 3}, {3, 3}, {5, 3}, {6, 3}, {7, 3}, {9, 1}};
  for (const auto& [type, value] : types) {
    const std::string model = onnx_model(bytes_field(5, listed(type, static_cast<std::uint64_t>(value))));
    CHECK(read_checkpoint(folder.write("m.onnx", model)).find("w")->values() == std::vector<double>{value});
  }
  for (const auto& [type, bits] : {std::pair<std::uint64_t, std::uint64_t>{10, 0x3c00}, {16, 0x3f80}}) {
    const std::string model = onnx_model(bytes_field(5, listed(type, bits)));
    CHECK(read_checkpoint(folder.write("m.onnx", model)).find("w")->values() == std::vector<double>{1});
  }
  const std::string doubles =
      varint_field(1, 2) + varint_field(2, 11) + bytes_field(10, bytes_of<double>({0.5, -2})) + bytes_field(8, "w");
  CHECK(read_checkpoint(folder.write("m.onnx", onnx_model(bytes_field(5, doubles)))).find("w")->values() ==
        std::vector<double>{0.5, -2});
  CHECK_THAT(error_of(folder.write("m.onnx", onnx_model(bytes_field(5, listed(12, 1))))),
             ContainsSubstring("has the element type 12"));
  CHECK_THAT(error_of(folder.write("m.onnx", onnx_model(bytes_field(5, listed(6, 1) + bytes_field(3, ""))))),
             ContainsSubstring("in segments"));
  CHECK_THAT(error_of(folder.write("m.onnx", onnx_model(bytes_field(15, "")))), ContainsSubstring("sparse"));
}

TEST_CASE("Attributes of an ONNX node come out whatever their kind, and a number that never ends is an error",
          "[readers]") {
  const TemporaryFolder folder;
  const std::string half(bytes_of<float>({0.5F}));
  const std::string attributes = bytes_field(5, bytes_field(1, "f") + std::string("\x15") + half) +
                                 bytes_field(5, bytes_field(1, "fs") + bytes_field(7, half + half)) +
                                 bytes_field(5, bytes_field(1, "t") + bytes_field(5, onnx_tensor("c", {1}, {3}))) +
                                 bytes_field(5, bytes_field(1, "odd") + bytes_field(4, "text")) +
                                 bytes_field(3, "name") + bytes_field(7, "ai.other") + varint_field(99, 1);
  const std::string graph =
      bytes_field(1, onnx_node("Op", {"x"}, "y", attributes)) + bytes_field(5, onnx_tensor("w", {1}, {1}));
  const Checkpoint checkpoint = read_checkpoint(folder.write("m.onnx", onnx_model(graph)));
  REQUIRE(checkpoint.graph->nodes.size() == 1);
  const GraphNode& node = checkpoint.graph->nodes[0];
  CHECK(node.op == "ai.other::Op");
  REQUIRE(node.attributes.size() == 4);
  CHECK(node.attributes[0].floats == std::vector<double>{0.5});
  CHECK(node.attributes[1].floats == std::vector<double>{0.5, 0.5});
  CHECK(node.attributes[2].tensor->values() == std::vector<double>{3});
  const std::string endless = "\x08" + std::string(11, '\xff');
  CHECK_THAT(error_of(folder.write("m.onnx", onnx_model(bytes_field(5, endless)))),
             ContainsSubstring("more than ten bytes"));
}

TEST_CASE("Messages of ONNX nested a hundred thousand deep end: each is walked as what its field is, to its own depth",
          "[readers]") {
  const TemporaryFolder folder;
  // From the inside out; a length always takes four bytes, so that the whole can be put together at once.
  constexpr std::size_t kDeep = 100'000;
  std::string deep;
  for (std::size_t inside = kDeep; inside-- > 0;) {
    deep += '\x0a';
    for (const int shift : {0, 7, 14, 21}) {
      deep += static_cast<char>((5 * inside >> shift & 0x7f) | (shift < 21 ? 0x80 : 0));
    }
  }
  for (const std::uint32_t field : {1u, 5u, 11u, 12u}) {  // node, initialiser, input, output
    CHECK_FALSE(error_of(folder.write("m.onnx", onnx_model(bytes_field(field, deep)))).empty());
  }
  for (const std::uint32_t field : {13u, 14u}) {  // value_info and what is not known are skipped
    const std::string model = onnx_model(bytes_field(field, deep) + bytes_field(5, onnx_tensor("w", {1}, {1})));
    CHECK(read_checkpoint(folder.write("m.onnx", model)).tensors.size() == 1);
  }
}

TEST_CASE("External data of ONNX outside its file is an error", "[readers]") {
  const TemporaryFolder folder;
  folder.write("w.bin", bytes_of<float>({1, 2, 3, 4}));
  const auto error_for = [&](const std::string& offset, const std::string& length) {
    return error_of(with_external(folder, {{"location", "w.bin"}, {"offset", offset}, {"length", length}}));
  };
  CHECK_THAT(error_for("4", "16"), ContainsSubstring("behind the end"));
  CHECK_THAT(error_for("18446744073709551615", "2"), ContainsSubstring("behind the end"));
  CHECK_THAT(error_of(with_external(folder, {{"location", "w.bin"}, {"offset", "17"}})),
             ContainsSubstring("behind the end"));
  CHECK_THAT(error_for("-1", "2"), ContainsSubstring("is no number"));
  CHECK_THAT(error_for("0", "12"), ContainsSubstring("tensor \"w\""));
}

TEST_CASE("A tensor of ONNX that its bytes do not fill is an error, whatever shape it states", "[readers]") {
  const TemporaryFolder folder;
  const auto dims = GENERATE(std::vector<std::int64_t>{3, 3}, std::vector<std::int64_t>{-1, 2},
                             std::vector<std::int64_t>{1LL << 40, 1LL << 40});
  const std::string path = written(folder, bytes_field(5, onnx_tensor("w", dims, {1, 2, 3, 4})));
  CHECK_THAT(error_of(path), ContainsSubstring("m.onnx"));
}

TEST_CASE("A name in an ONNX file that is no UTF-8 is an error that does not repeat it", "[readers]") {
  const TemporaryFolder folder;
  CHECK_THAT(error_of(written(folder, bytes_field(1, onnx_node("Re\xfflu", {"a"}, "b")))),
             ContainsSubstring("not UTF-8"));
}

TEST_CASE("ONNX graphs that no preset could follow are refused with the way out", "[readers]") {
  const TemporaryFolder folder;
  const std::string branch = bytes_field(5, bytes_field(1, "then_branch") + bytes_field(6, ""));
  CHECK_THAT(error_of(written(folder, bytes_field(1, onnx_node("If", {"a"}, "b", branch)))),
             ContainsSubstring("a graph inside"));
  CHECK_THAT(error_of(folder.write("f.onnx", onnx_model("") + bytes_field(25, ""))), ContainsSubstring("functions"));
}

TEST_CASE("An ONNX file cut anywhere is an error or has lost its end", "[readers]") {
  const TemporaryFolder folder;
  const std::string whole =
      onnx_model(bytes_field(1, onnx_node("Relu", {"a"}, "b")) + bytes_field(5, onnx_tensor("w", {2}, {1, 2})));
  for (std::size_t size = 1; size < whole.size(); ++size) {
    const std::string path = folder.write("cut.onnx", whole.substr(0, size));
    try {
      const Checkpoint checkpoint = read_checkpoint(path);
      CHECK(checkpoint.tensors.size() == 1);
      CHECK(size >= whole.size() - 8);  // only the version behind the graph is gone
    } catch (const Error& error) {
      CHECK_THAT(error.what(), ContainsSubstring("cut.onnx"));
    }
  }
}

}  // namespace dinghy::converter::test
