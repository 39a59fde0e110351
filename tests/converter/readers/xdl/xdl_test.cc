#include "converter/readers/xdl/xdl.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <filesystem>

#include "tests/converter/readers/odd_files.h"

namespace dinghy::converter::test {
namespace {

using Catch::Matchers::ContainsSubstring;

void write_model(const TemporaryFolder& folder, const std::string& table) {
  write_zip(folder.path("dense.npz"), {{"tf_model$f1$kernel.npy", read_file(fixture("single.npy"))}});
  folder.write("sparse.txt", "mid_embedding\n");
  folder.write("mid_embedding", table);
}

TEST_CASE("an XDL folder gives dense weights, tables with their ids, and the facts of its .conf files", "[readers]") {
  TemporaryFolder folder;
  write_model(folder, "1000001,0.5,-1e-3\n7,2,3.25\r\n");
  folder.write("user.conf",
               "feature_group_config {\n  feature_group: \"mid_list\"\n  table_name: \"mid_embedding\"\n  dim: 2\n}\n"
               "block_config {\n  embedding_block_config_item {\n    feature_group: \"mid_list\"\n    udf_type: 2\n"
               "    trunc_num: 100\n  }\n}\n");
  const Checkpoint checkpoint = read_checkpoint(folder.path("."));
  CHECK(checkpoint.format == "xdl");
  CHECK(checkpoint.files == std::vector<std::string>{"dense.npz", "mid_embedding", "sparse.txt", "user.conf"});
  REQUIRE(checkpoint.tensors.size() == 3);
  CHECK(checkpoint.tensors[0].name == "tf_model/f1/kernel");
  CHECK(checkpoint.find("mid_embedding")->shape == std::vector<std::int64_t>{2, 2});
  CHECK(checkpoint.find("mid_embedding")->values() == std::vector<double>{0.5, -1e-3f, 2, 3.25});
  CHECK(checkpoint.find("mid_embedding/ids")->values() == std::vector<double>{1000001, 7});
  CHECK(checkpoint.find("mid_embedding/ids")->dtype == DType::i64);
  const std::vector<std::pair<std::string, std::string>> facts{{"feature_group.mid_list.table_name", "mid_embedding"},
                                                               {"feature_group.mid_list.dim", "2"},
                                                               {"feature_group.mid_list.udf_type", "2"},
                                                               {"feature_group.mid_list.trunc_num", "100"}};
  CHECK(checkpoint.facts == facts);
}

TEST_CASE("a damaged XDL table names its line", "[readers]") {
  TemporaryFolder folder;
  const auto refused = [&](const std::string& table) {
    write_model(folder, table);
    return error_of(folder.path("."));
  };
  CHECK_THAT(refused("1,0.5,1\n2,0.5\n"), ContainsSubstring("mid_embedding:2: has 1 numbers, the first row 2"));
  CHECK_THAT(refused("1,0.5\n1,0.5\n"), ContainsSubstring("mid_embedding:2: has the id 1 a second time"));
  CHECK_THAT(refused("1,0.5x\n"), ContainsSubstring("mid_embedding:1: is no row"));
  CHECK_THAT(refused("1,\n"), ContainsSubstring("is no row"));
  CHECK_THAT(refused("1\n"), ContainsSubstring("has 0 numbers"));
  CHECK_THAT(refused("1,0.5\n\n"), ContainsSubstring("mid_embedding:2: is no row"));
  CHECK_THAT(refused("99999999999999999999,1\n"), ContainsSubstring("is no row"));
  CHECK_THAT(refused(""), ContainsSubstring("empty table"));
}

TEST_CASE("a folder with half of an XDL checkpoint is none", "[readers]") {
  for (const char* half : {"dense.npz", "sparse.txt"}) {
    const TemporaryFolder folder;
    write_model(folder, "1,0.5\n");
    std::filesystem::remove(folder.path(half));
    CHECK_THAT(error_of(folder.path(".")), ContainsSubstring("dense.npz and sparse.txt are not both in it"));
  }
}

TEST_CASE("an XDL folder that lacks a table or reaches outside is refused", "[readers]") {
  TemporaryFolder folder;
  write_model(folder, "1,0.5\n");
  std::filesystem::remove(folder.path("mid_embedding"));
  CHECK_THAT(error_of(folder.path(".")), ContainsSubstring("mid_embedding: cannot be opened"));
  folder.write("sparse.txt", "../secret\n");
  CHECK_THAT(error_of(folder.path(".")), ContainsSubstring("leaves the checkpoint's folder"));
  folder.write("secret", "1,0.5\n");
  std::filesystem::create_symlink(folder.path("secret"), folder.path("link"));
  folder.write("sparse.txt", "link\n");
  CHECK_THAT(error_of(folder.path(".")), ContainsSubstring("\"link\", which is a link"));
}

TEST_CASE("a .conf file that is not understood names its line", "[readers]") {
  TemporaryFolder folder;
  write_model(folder, "1,0.5\n");
  folder.write("a.conf", "block {\n  odd\n}\n");
  CHECK_THAT(error_of(folder.path(".")), ContainsSubstring("a.conf:2: is no `key: value`"));
  folder.write("a.conf", "block {\n");
  CHECK_THAT(error_of(folder.path(".")), ContainsSubstring("a.conf: ends within a block"));
  folder.write("a.conf", "}\n");
  CHECK_THAT(error_of(folder.path(".")), ContainsSubstring("a.conf:1: closes"));
}

}  // namespace
}  // namespace dinghy::converter::test
