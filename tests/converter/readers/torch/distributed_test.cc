// Folders that the real torch.distributed.checkpoint wrote (make_fixtures.py), whole and damaged.
#include "converter/readers/torch/distributed.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <filesystem>

#include "converter/error.h"
#include "tests/converter/readers/odd_files.h"

namespace dinghy::converter::test {
namespace {

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::MessageMatches;
using Values = std::vector<double>;

constexpr const char* kShard = "__0_0.distcp";

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

using Extents = std::vector<std::int64_t>;

struct Part {
  Extents offsets, sizes;
};

/// A .metadata of one tensor "w" of this size and these parts, the first the whole of the file "shard".
class Metadata {
 public:
  Metadata(const Extents& size, const std::vector<Part>& parts, std::int64_t length) {
    begin("Metadata").text("state_dict_metadata").raw("}(").text("w");
    begin("TensorStorageMetadata").text("size");
    extents(size).text("chunks").raw("](");
    for (const Part& part : parts) {
      begin("ChunkStorageMetadata").text("offsets");
      extents(part.offsets).text("sizes");
      extents(part.sizes).raw("ub");
    }
    pickle_.raw("eubu").text("storage_data").raw("}(");
    for (const Part& part : parts) {
      begin("MetadataIndex").text("fqn").text("w").text("offset");
      extents(part.offsets).raw("ub");
      begin("_StorageInfo").text("relative_path").text("shard").text("offset").number(0).text("length").number(length);
      pickle_.raw("ub");
    }
    pickle_.raw("uub");
  }
  std::string bytes() const { return pickle_.stop(); }

 private:
  PickleAssembler& begin(const std::string& name) {
    return pickle_.global("torch.distributed.checkpoint.metadata", name).raw(")\x81}(");
  }
  PickleAssembler& extents(const Extents& numbers) {
    pickle_.global("torch", "Size").raw("((");
    for (const std::int64_t number : numbers) pickle_.number(number);
    return pickle_.raw("ttR");
  }
  PickleAssembler pickle_;
};

/// The bytes of a file of one tensor with numbers from 0 up.
std::string shard_of(const Extents& shape) {
  const TemporaryFolder folder;
  Extents strides(shape.size(), 1);
  for (std::size_t d = shape.size(); d-- > 1;) strides[d - 1] = strides[d] * shape[d];
  const std::int64_t count = strides[0] * shape[0];
  std::vector<float> numbers(static_cast<std::size_t>(count));
  PickleAssembler pickle;
  pickle.tensor("0", count, 0, shape, strides);
  return read_file(write_torch_zip(folder, pickle.stop(), {bytes_of(numbers)}));
}

}  // namespace

TEST_CASE("a distributed checkpoint in parts of other dimensions is refused", "[readers]") {
  const TemporaryFolder folder;
  const auto read = [&](const Extents& size, const std::vector<Part>& parts) {
    const std::string shard = shard_of(parts[0].sizes);
    folder.write("shard", shard);
    folder.write(".metadata", Metadata(size, parts, static_cast<std::int64_t>(shard.size())).bytes());
    return read_checkpoint(folder.path(""));
  };
  CHECK(read({2, 3}, {{{0, 0}, {2, 3}}}).find("w")->shape == Extents{2, 3});
  CHECK(read({2, 2, 2}, {{{0, 0, 0}, {2, 2, 2}}}).find("w")->shape == Extents{2, 2, 2});
  const std::vector<std::pair<Extents, Part>> refused = {
      {{2, 2, 4}, {{0, 0, 0}, {2, 2, 2}}}, {{6}, {{0, 0}, {2, 3}}}, {{4, 3}, {{0}, {2, 3}}}};
  for (const auto& [size, part] : refused) {
    CHECK_THROWS_MATCHES(read(size, {part}), Error, MessageMatches(ContainsSubstring("which only tables and vectors")));
  }
}

TEST_CASE("a distributed checkpoint without tensors of a model is refused", "[readers]") {
  const TemporaryFolder folder;
  folder.write(".metadata", Metadata({0, 3}, {}, 0).bytes());
  CHECK_THAT(error_of(folder.path("")), ContainsSubstring(".metadata: names no tensors of a model"));
}

TEST_CASE("a distributed checkpoint gives the model's tensors without their prefix, and leaves the optimizer's out",
          "[readers]") {
  const Checkpoint checkpoint = read_checkpoint(fixture("dcp"));
  CHECK(checkpoint.format == "pytorch distributed checkpoint");
  CHECK(checkpoint.files == std::vector<std::string>{".metadata", kShard});
  REQUIRE(checkpoint.tensors.size() == 2);
  CHECK(checkpoint.find("table.weight")->values() == Values{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14});
  CHECK(checkpoint.find("out.weight")->values() == Values{1, 2, 4, 5});
  REQUIRE(checkpoint.left_out.size() == 1);
  CHECK(checkpoint.left_out[0].first == "optimizer.table.weight");
}

TEST_CASE("tensors that two processes shared by rows and by columns come out whole", "[readers]") {
  const Checkpoint checkpoint = read_checkpoint(fixture("dcp-sharded"));
  CHECK(checkpoint.files == std::vector<std::string>{".metadata", kShard, "__1_0.distcp"});
  const Tensor* rows = checkpoint.find("rows.weight");
  REQUIRE(rows);
  CHECK(rows->shape == std::vector<std::int64_t>{5, 3});
  CHECK(rows->values() == Values{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14});
  const Tensor* columns = checkpoint.find("columns.weight");
  REQUIRE(columns);
  CHECK(columns->shape == std::vector<std::int64_t>{2, 5});
  CHECK(columns->values() == Values{0, 1, 2, 3, 4, 5, 6, 7, 8, 9});
  CHECK(checkpoint.find("bias")->shape == std::vector<std::int64_t>{3});
  CHECK(checkpoint.find("bias")->values() == Values{0, 1, 2});
}

TEST_CASE("the folder around model and optimizer is read as its model", "[readers]") {
  const TemporaryFolder folder;
  std::filesystem::copy(fixture("dcp"), folder.path("model"), std::filesystem::copy_options::recursive);
  CHECK(read_checkpoint(folder.path("")).find("table.weight"));
}

TEST_CASE("damaged distributed checkpoints are refused, and no file outside the folder is looked at", "[readers]") {
  const TemporaryFolder folder;
  const std::string metadata = read_file(fixture("dcp/.metadata")), shard = read_file(fixture("dcp/__0_0.distcp"));
  const auto refused = [&](const std::string& changed_metadata, const std::string& changed_shard) {
    folder.write(".metadata", changed_metadata);
    folder.write(kShard, changed_shard);
    return error_of(folder.path(""));
  };
  CHECK_THAT(refused(replaced(metadata, kShard, "../_0.distcp"), shard),
             ContainsSubstring("\"../_0.distcp\", which leaves the checkpoint's folder"));
  CHECK_THAT(refused(replaced(metadata, kShard, "__0_1.distcp"), shard), ContainsSubstring("cannot be opened"));
  CHECK_THAT(refused(replaced(metadata, "Metadata", "Metafact"), shard), ContainsSubstring("is not the metadata"));
  CHECK_THAT(refused(metadata, shard.substr(0, shard.size() / 2)), ContainsSubstring("truncated"));
  CHECK_THAT(refused(metadata, std::string(shard.size(), 'x')), ContainsSubstring("not a complete zip"));
  PickleAssembler hostile(2);
  hostile.global("os", "system").text("true").raw("\x85R");
  CHECK_THAT(refused(hostile.stop(), shard), ContainsSubstring("os.system"));
  for (std::size_t length = 0; length < metadata.size(); ++length) {
    CHECK_FALSE(refused(metadata.substr(0, length), shard).empty());
  }
}

TEST_CASE("a distributed checkpoint whose file is a link to another place is refused", "[readers]") {
  const TemporaryFolder folder;
  folder.write(".metadata", read_file(fixture("dcp/.metadata")));
  std::filesystem::create_symlink(fixture("dcp/__0_0.distcp"), folder.path(kShard));
  CHECK_THAT(error_of(folder.path("")), ContainsSubstring("which is a link"));
}

TEST_CASE("parts of a distributed checkpoint that lie in one place, and would each be read, are refused", "[readers]") {
  const TemporaryFolder folder;
  // model.table.weight is 1577 bytes from 1261 on, model.out.weight from 2838 on; now both are at 1261.
  folder.write(".metadata", replaced(read_file(fixture("dcp/.metadata")), "M\x16\x0b", "M\xed\x04"));
  folder.write(kShard, read_file(fixture("dcp/__0_0.distcp")).substr(0, 2838));
  CHECK_THAT(error_of(folder.path("")), ContainsSubstring("overlap"));
}

TEST_CASE("a part of another shape than its metadata says is refused", "[readers]") {
  const TemporaryFolder folder;
  const std::string metadata = read_file(fixture("dcp-sharded/.metadata"));
  folder.write(".metadata", metadata);
  // The two processes' files, exchanged: the first had three rows of five, the second two.
  folder.write("__1_0.distcp", read_file(fixture("dcp-sharded/__0_0.distcp")));
  folder.write(kShard, read_file(fixture("dcp-sharded/__1_0.distcp")));
  CHECK_THAT(error_of(folder.path("")), ContainsSubstring("the files do not belong together"));
}

}  // namespace dinghy::converter::test
