// Checkpoints that the real TensorFlow wrote (make_tensorflow_fixtures.py), and damaged ones.
#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <filesystem>
#include <fstream>
#include <numeric>

#include "converter/error.h"
#include "converter/readers/storage.h"
#include "converter/readers/tensorflow/object_graph.h"
#include "converter/readers/tensorflow/partitioned.h"
#include "tests/converter/readers/odd_files.h"

namespace dinghy::converter::test {
namespace {

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::EndsWith;
using Catch::Matchers::MessageMatches;
namespace fs = std::filesystem;

std::vector<double> ramp(std::size_t count, double first = 0) {
  std::vector<double> values(count);
  std::iota(values.begin(), values.end(), first);
  return values;
}

std::vector<std::string> names_of(const Checkpoint& checkpoint) {
  std::vector<std::string> names;
  for (const Tensor& tensor : checkpoint.tensors) names.push_back(tensor.name);
  return names;
}

std::vector<std::string> left_out(const Checkpoint& checkpoint, const std::string& reason) {
  std::vector<std::string> names;
  for (const auto& [name, why] : checkpoint.left_out) {
    if (why == reason) names.push_back(name);
  }
  return names;
}

/// A checkpoint of one's own to damage.
std::string copy_of(const TemporaryFolder& folder, const std::string& name) {
  fs::copy(fixture("tensorflow/" + name), folder.path(name), fs::copy_options::recursive);
  return folder.path(name) + "/ckpt";
}

void change(const std::string& path, std::size_t offset, char byte) {
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(static_cast<std::streamoff>(offset));
  file.put(byte);
}

void write(const std::string& path, const std::string& bytes) { std::ofstream(path, std::ios::binary) << bytes; }

}  // namespace

TEST_CASE("Trap 33: parts of a partitioned variable are one tensor; slots and counters are left out", "[readers]") {
  const Checkpoint checkpoint = read_checkpoint(fixture("tensorflow/training"));
  CHECK(checkpoint.format == "tensorflow checkpoint ckpt");
  CHECK(checkpoint.files == std::vector<std::string>{"ckpt.data-00000-of-00001", "ckpt.index"});
  REQUIRE(names_of(checkpoint) == std::vector<std::string>{"f1/kernel", "table"});
  CHECK(checkpoint.find("table")->shape == std::vector<std::int64_t>{7, 2});
  CHECK(checkpoint.find("table")->values() == ramp(14));
  std::vector<float> middle(4);
  checkpoint.find("table")->read_rows(2, 2, middle);  // the last row of one part and the first of the next
  CHECK(middle == std::vector<float>{4, 5, 6, 7});
  CHECK(left_out(checkpoint, "state of the optimizer") ==
        std::vector<std::string>{"f1/kernel/Adam", "f1/kernel/Adam_1", "table/Adam", "table/Adam_1"});
  CHECK(left_out(checkpoint, "a counter of training") ==
        std::vector<std::string>{"beta1_power", "beta2_power", "global_step"});
}

TEST_CASE("Trap 44: moving averages beside the variables are another choice of weights", "[readers]") {
  const Checkpoint checkpoint = read_checkpoint(fixture("tensorflow/training"));
  CHECK(checkpoint.weights == "variables");
  REQUIRE(checkpoint.alternatives.size() == 1);
  const Weights& averages = checkpoint.alternatives[0];
  CHECK(averages.name == "ExponentialMovingAverage");
  REQUIRE(averages.tensors.size() == 2);
  CHECK(averages.tensors[0].name == "f1/kernel");
  CHECK_FALSE(averages.tensors[0].same_elements(checkpoint.tensors[0]));
  CHECK(averages.tensors[1].same_elements(checkpoint.tensors[1]));  // has no average
}

TEST_CASE("Trap 33: partitions that are variables of their own are joined in the order of their numbers", "[readers]") {
  const Checkpoint checkpoint = read_checkpoint(fixture("tensorflow/parts/ckpt.index"));
  REQUIRE(names_of(checkpoint) == std::vector<std::string>{"table"});
  CHECK(checkpoint.tensors[0].values() == ramp(24));
  // The keys of an object graph are attributes: cold, hot, new for the parts 1, 0, 2.
  const Checkpoint objects = read_checkpoint(fixture("tensorflow/object_parts/ckpt.index"));
  REQUIRE(names_of(objects) == std::vector<std::string>{"table"});
  CHECK(objects.tensors[0].values() == ramp(6));
}

TEST_CASE("TensorFlow's number types are read, strings are left out", "[readers]") {
  const Checkpoint checkpoint = read_checkpoint(fixture("tensorflow/types/ckpt"));
  for (const std::string name :
       {"float16", "float32", "float64", "int8", "uint8", "int16", "int32", "int64", "bfloat16"}) {
    INFO(name);
    REQUIRE(checkpoint.find(name));
    CHECK(name_of(checkpoint.find(name)->dtype) == name);
    CHECK(checkpoint.find(name)->values() == ramp(6));
  }
  CHECK(checkpoint.find("bool")->values() == std::vector<double>{0, 1, 0, 1, 0, 1});
  CHECK(checkpoint.find("scalar")->values() == std::vector<double>{2.5});
  CHECK(left_out(checkpoint, "of a type that no layer has") == std::vector<std::string>{"string"});
}

TEST_CASE("An object graph gives variables their own names, in the order of layers, or their path where two share one",
          "[readers]") {
  const Checkpoint checkpoint = read_checkpoint(fixture("tensorflow/objects"));
  CHECK(checkpoint.format == "tensorflow object checkpoint ckpt-1");
  std::vector<std::string> expected;
  for (int i = 0; i < 11; ++i) expected.push_back("dense_" + std::to_string(i) + "/bias");
  expected.insert(expected.end(), {"model/tower/0", "model/tower/1"});
  CHECK(names_of(checkpoint) == expected);
  CHECK(checkpoint.find("dense_10/bias")->values() == ramp(2, 10));
  CHECK(left_out(checkpoint, "a counter of training").size() == 1);
}

TEST_CASE("A SavedModel is read from its variables", "[readers]") {
  const Checkpoint checkpoint = read_checkpoint(fixture("tensorflow/saved_model"));
  CHECK(checkpoint.format == "tensorflow SavedModel");
  CHECK(checkpoint.find("dense_3/bias")->values() == ramp(2, 3));
  CHECK(checkpoint.files.front() == "variables/variables.data-00000-of-00001");
}

TEST_CASE("Lists of whole numbers in the .meta are constants of the checkpoint", "[readers]") {
  const Checkpoint checkpoint = read_checkpoint(fixture("tensorflow/graph"));
  const auto list = std::ranges::find(checkpoint.constants, std::string("Const"), &Tensor::name);
  REQUIRE(list != checkpoint.constants.end());
  CHECK(list->dtype == DType::i64);
  CHECK(list->values() == std::vector<double>{2, 0, 1, 1, 0});
  CHECK(checkpoint.files.back() == "ckpt.meta");
}

TEST_CASE("A damaged .meta is left out with the reason, for networks that do not need it", "[readers]") {
  TemporaryFolder folder;
  const std::string graph = copy_of(folder, "graph");
  fs::resize_file(graph + ".meta", fs::file_size(graph + ".meta") - 1);
  const Checkpoint checkpoint = read_checkpoint(graph);
  CHECK_FALSE(checkpoint.tensors.empty());
  CHECK(checkpoint.constants.empty());
  const auto meta =
      std::ranges::find(checkpoint.left_out, std::string("ckpt.meta"), &std::pair<std::string, std::string>::first);
  REQUIRE(meta != checkpoint.left_out.end());
  CHECK_THAT(meta->second, ContainsSubstring(graph + ".meta"));
}

TEST_CASE("A folder's file checkpoint chooses among several, and cannot lead out of the folder", "[readers]") {
  TemporaryFolder folder;
  copy_of(folder, "parts");
  const std::string parts = folder.path("parts");
  fs::copy(fixture("tensorflow/types/ckpt.index"), parts + "/other.index");
  fs::copy(fixture("tensorflow/types/ckpt.data-00000-of-00001"), parts + "/other.data-00000-of-00001");
  CHECK_THAT(error_of(parts), ContainsSubstring("holds the checkpoints ckpt, other; give PREFIX.index of one"));
  write(parts + "/checkpoint",
        "model_checkpoint_path: \"/home/someone/run/other\"\nall_model_checkpoint_paths: \"ckpt\"\n");
  CHECK(read_checkpoint(parts).find("int8"));
  for (const char* name : {"../..", "", "run/"}) {
    write(parts + "/checkpoint", "model_checkpoint_path: \"" + std::string(name) + "\"\n");
    CHECK_THAT(error_of(parts), ContainsSubstring("names no checkpoint"));
  }
  for (const char* text : {"", "model_checkpoint_path: \"ckpt", "model_checkpoint_path: ckpt"}) {
    write(parts + "/checkpoint", text);
    CHECK_THAT(error_of(parts), ContainsSubstring("names no model_checkpoint_path"));
  }
}

TEST_CASE("A part of a TensorFlow checkpoint names the file to give instead", "[readers]") {
  CHECK_THAT(error_of(fixture("tensorflow/graph/ckpt.meta")),
             EndsWith("give " + fixture("tensorflow/graph/ckpt.index")));
  CHECK_THAT(error_of(fixture("tensorflow/graph/ckpt.data-00000-of-00001")), ContainsSubstring("ckpt.index"));
  const TemporaryFolder folder;
  CHECK_THAT(error_of(folder.write("saved_model.pb", "")), ContainsSubstring("give its folder"));
  const std::string index = read_file(fixture("tensorflow/graph/ckpt.index"));
  CHECK_THAT(error_of(folder.write("ckpt", index)), ContainsSubstring("its name does not end in .index"));
  // Such a name alone says nothing: without an .index beside it, or with one beside another name.
  CHECK_THAT(error_of(folder.write("lone.meta", "?")), ContainsSubstring("is of no known format"));
  folder.write("plain.index", "");
  CHECK_THAT(error_of(folder.write("plain", "?")), ContainsSubstring("is of no known format"));
}

TEST_CASE("A SavedModel whose .index is none is refused", "[readers]") {
  const TemporaryFolder folder;
  fs::create_directory(folder.path("variables"));
  folder.write("variables/variables.index", std::string(100, 'x'));
  CHECK_THAT(error_of(folder.path("")), ContainsSubstring("does not end as the .index of a TensorFlow checkpoint"));
}

TEST_CASE("An object graph whose length wraps around is refused", "[readers]") {
  const auto bytes = std::vector<std::byte>(9, std::byte{0xff});
  auto stored = bytes;
  stored.push_back(std::byte{1});  // 2^64 - 1, in ten bytes
  CHECK_THROWS_MATCHES(read_object_graph(std::make_shared<BufferStorage>(stored), "graph"), Error,
                       MessageMatches(ContainsSubstring("graph: has a wrong length")));
}

TEST_CASE("Parts with more rows together than can be counted are refused", "[readers]") {
  const Tensor part{.name = "part",
                    .dtype = DType::f32,
                    .shape = {std::int64_t{1} << 62, 0},
                    .strides = {1, 1},
                    .storage = std::make_shared<BufferStorage>(std::vector<std::byte>())};
  CHECK(join_rows("table", {part}, "ckpt").numel() == 0);
  CHECK_THROWS_MATCHES(join_rows("table", {part, part}, "ckpt"), Error,
                       MessageMatches(ContainsSubstring("ckpt: has impossibly many rows")));
}

TEST_CASE("Damaged data, missing data and a missing part of a TensorFlow checkpoint are refused", "[readers]") {
  TemporaryFolder folder;
  const std::string training = copy_of(folder, "training");
  change(training + ".data-00000-of-00001", 10, 'x');
  CHECK_THAT(error_of(training), ContainsSubstring("has a wrong checksum: the .data file is damaged"));
  fs::resize_file(training + ".data-00000-of-00001", 20);
  CHECK_THAT(error_of(training), ContainsSubstring("the .data file ends before"));
  fs::remove(training + ".data-00000-of-00001");
  CHECK_THAT(error_of(training), ContainsSubstring("ckpt.data-00000-of-00001: cannot be opened"));
}

TEST_CASE("Every damaged byte of a .index is an error, never a crash", "[readers]") {
  TemporaryFolder folder;
  const std::string index = copy_of(folder, "training") + ".index";
  const std::string whole = read_file(index);
  const std::size_t padding = whole.size() - 48;  // the footer's handles end somewhere in front of zeros
  for (std::size_t i = 0; i < whole.size(); ++i) {
    for (const char flip : {'\x01', '\x80', '\xff'}) {
      std::string bytes = whole;
      bytes[i] = static_cast<char>(bytes[i] ^ flip);
      write(index, bytes);
      try {
        read_checkpoint(index);
        CHECK(i >= padding);
      } catch (const Error&) {
      }
    }
  }
  for (std::size_t size = 0; size < whole.size(); size += 7) {
    write(index, whole.substr(0, size));
    CHECK_THROWS_AS(read_checkpoint(index), Error);
  }
}

TEST_CASE("A .data file of TensorFlow that is a link to another place is refused", "[readers]") {
  TemporaryFolder folder;
  const std::string data = copy_of(folder, "training") + ".data-00000-of-00001";
  fs::rename(data, folder.path("elsewhere"));
  fs::create_symlink(folder.path("elsewhere"), data);
  CHECK_THAT(error_of(folder.path("training")), ContainsSubstring("which is a link"));
}

}  // namespace dinghy::converter::test
