// Files that are cut, lack a byte or have another one in the place of any, in formats that have no checksum.
#include <catch2/catch_test_macros.hpp>
#include <filesystem>

#include "converter/graph.h"
#include "converter/readers/companions.h"
#include "tests/converter/readers/damage/outcomes.h"
#include "tests/converter/readers/odd_files.h"
#include "tests/converter/readers/onnx/onnx_writer.h"

namespace dinghy::converter::test {
namespace {

namespace fs = std::filesystem;

/// Reads `whole` as the file `file` and every damage of its bytes before `end`; `read` reads what was written.
template <class Read>
void check_file(const std::string& name, const TemporaryFolder& folder, const std::string& file,
                const std::string& whole, std::size_t end, Read read) {
  folder.write(file, whole);
  Outcomes outcomes(read(), folder.path(""));
  for_each_damage(whole, 0, end, [&](const std::string& damaged) {
    folder.write(file, damaged);
    outcomes.count(read);
  });
  outcomes.check(name);
}

/// The same for a checkpoint of one file.
void check_checkpoint(const std::string& name, const std::string& whole, std::size_t end) {
  const TemporaryFolder folder;
  const std::string file = name.substr(name.find('-') + 1);
  check_file(name, folder, file, whole, end, [&] { return text_of(read_checkpoint(folder.path(file))); });
}

std::string node_text(const Checkpoint& checkpoint) {
  std::string text = text_of(checkpoint);
  for (const GraphNode& node : checkpoint.graph->nodes) {
    text += node.op;
    for (const std::string& input : node.inputs) text += " " + input;
    text += "\n";
  }
  return text;
}

}  // namespace

TEST_CASE("damage: bytes of the header of a .npy file", "[readers][repeats]") {
  check_checkpoint("numpy-single.npy", read_file(fixture("single.npy")), 128);
  check_checkpoint("numpy-version2.npy", read_file(fixture("version2.npy")), 128);
}

TEST_CASE("damage: bytes of the header of lists of ids beside a checkpoint", "[readers][repeats]") {
  for (const std::string name : {"ids.npy", "text.npy", "wide_text.npy"}) {
    const TemporaryFolder folder;
    std::string bytes = read_file(fixture(name));
    const std::string path = folder.path("lists.npz");
    const auto read = [&](const std::string& damaged) {
      write_zip(path, {{"ids.npy", damaged}});
      Checkpoint checkpoint{folder.path("model"), "", {}, {}};
      add_companions(checkpoint, {path});
      return text_of(checkpoint);
    };
    Outcomes outcomes(read(bytes), folder.path(""));
    for_each_damage(bytes, 0, bytes.size(),
                    [&](const std::string& damaged) { outcomes.count([&] { return read(damaged); }); });
    outcomes.check("lists-" + name);
  }
}

TEST_CASE("damage: bytes of the header of a safetensors file", "[readers][repeats]") {
  const std::string header =
      R"({"__metadata__":{"format":"pt"},"a":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]},)"
      R"("b":{"dtype":"F16","shape":[],"data_offsets":[8,10]}})";
  const std::string whole = bytes_of(std::vector<std::uint64_t>{header.size()}) + header + std::string(10, '\0');
  check_checkpoint("safetensors-model.safetensors", whole, 8 + header.size());
}

TEST_CASE("damage: bytes of the index of safetensors", "[readers][repeats]") {
  const TemporaryFolder folder;
  fs::copy(fixture("sharded"), folder.path("model"), fs::copy_options::recursive);
  const std::string whole = read_file(fixture("sharded/model.safetensors.index.json"));
  check_file("safetensors-index", folder, "model/model.safetensors.index.json", whole, whole.size(),
             [&] { return text_of(read_checkpoint(folder.path("model"))); });
}

TEST_CASE("damage: bytes of an ONNX file", "[readers][repeats]") {
  const TemporaryFolder folder;
  folder.write("w.bin", bytes_of<float>({1, 2, 3, 4, 5}));
  const std::string axis = bytes_field(5, bytes_field(1, "axis") + varint_field(3, static_cast<std::uint64_t>(-1)));
  const std::string listed =
      varint_field(1, 1) + varint_field(2, 1) + bytes_field(8, "l") + bytes_field(4, bytes_of<float>({0.5F}));
  const std::string whole = onnx_model(
      bytes_field(1, onnx_node("Concat", {"a", "", "w"}, "c", axis)) + bytes_field(5, onnx_tensor("v", {2}, {1, 2})) +
      bytes_field(5, listed) +
      bytes_field(5, onnx_external_tensor("w", {2, 2}, {{"location", "w.bin"}, {"offset", "4"}, {"length", "16"}})) +
      bytes_field(11, onnx_input("a", 7, {-1, 50})) + bytes_field(12, bytes_field(1, "c")));
  check_file("onnx", folder, "m.onnx", whole, whole.size(),
             [&] { return node_text(read_checkpoint(folder.path("m.onnx"))); });
}

TEST_CASE("damage: bytes of the text files of an XDL folder", "[readers][repeats]") {
  const TemporaryFolder folder;
  const std::string conf = "# one group\nfeature_group_config {\n  feature_group: \"mid\"\n  dim: 2\n}\n";
  const std::string table = "1000001,0.5,-1e-3\n7,2,3.25\r\n";
  write_zip(folder.path("dense.npz"), {{"tf_model$f1$kernel.npy", read_file(fixture("single.npy"))}});
  folder.write("sparse.txt", "table\n\nother\r\n");
  folder.write("table", table);
  folder.write("other", "1,2\n");
  const auto read = [&] { return text_of(read_checkpoint(folder.path(""))); };
  check_file("xdl-conf", folder, "user.conf", conf, conf.size(), read);
  folder.write("user.conf", conf);
  check_file("xdl-table", folder, "table", table, table.size(), read);
}

}  // namespace dinghy::converter::test
