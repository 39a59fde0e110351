#include "converter/readers/companions.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <cmath>
#include <filesystem>

#include "tests/converter/readers/odd_files.h"

namespace dinghy::converter {
namespace {

using Catch::Matchers::ContainsSubstring;

/// A checkpoint without documents, given its companions; there is no need for a file.
Checkpoint with_companions(const std::string& path, const std::vector<std::string>& named = {}) {
  Checkpoint checkpoint;
  checkpoint.path = path;
  add_companions(checkpoint, named);
  return checkpoint;
}

/// Two for each of three items, as LibRecommender saves them.
void write_item_numbers(const TemporaryFolder& folder, const std::vector<float>& numbers) {
  std::string header = "{'descr': '<f4', 'fortran_order': False, 'shape': (3, 2), }";
  header.resize(117, ' ');
  const std::string array = std::string("\x93NUMPY\x01\0v\0", 10) + header + '\n' + test::bytes_of(numbers);
  test::write_zip(folder.path("din_data_info.npz"), {{"item_dense_unique.npy", array}});
}

}  // namespace

TEST_CASE("A feature map beside the checkpoint is found without being named", "[readers]") {
  const TemporaryFolder folder;
  folder.write("feature_map.json", "{}");
  folder.write("notes.txt", "no companion");
  const Checkpoint checkpoint = with_companions(folder.path("DIN.model"));
  REQUIRE(checkpoint.documents.size() == 1);
  CHECK(checkpoint.find_document("feature_map.json")->text == "{}");
  CHECK(checkpoint.find_document("feature_map.json")->source == folder.path("feature_map.json"));
}

TEST_CASE("The log that has the checkpoint's name is a companion, another log is not", "[readers]") {
  const TemporaryFolder folder;
  folder.write("DIN.log", "Params: {}");
  folder.write("DCN.log", "Params: {}");
  const Checkpoint checkpoint = with_companions(folder.path("DIN.model"));
  REQUIRE(checkpoint.documents.size() == 1);
  CHECK(checkpoint.documents[0].name == "DIN.log");
}

TEST_CASE("What LibRecommender saves beside its variables is found by the model's name", "[readers]") {
  const TemporaryFolder folder;
  folder.write("din_hyper_parameters.json", "{}");
  folder.write("other_hyper_parameters.json", "{}");
  const Checkpoint checkpoint = with_companions(folder.path("din_tf_variables.npz"));
  REQUIRE(checkpoint.documents.size() == 1);
  CHECK(checkpoint.documents[0].name == "din_hyper_parameters.json");
}

TEST_CASE("The lists of ids of an .npz beside the checkpoint are documents of their own", "[readers]") {
  const TemporaryFolder folder;
  const std::string ids = read_file(test::fixture("ids.npy")), numbers = read_file(test::fixture("single.npy"));
  test::write_zip(folder.path("din_data_info.npz"), {{"user_unique_vals.npy", ids}, {"dense.npy", numbers}});
  Checkpoint checkpoint = with_companions(folder.path("din_tf_variables.npz"));
  REQUIRE(checkpoint.documents.size() == 1);
  CHECK(checkpoint.documents[0].name == "din_data_info.npz: user_unique_vals");
  CHECK(checkpoint.documents[0].text == "[7,4611686018427387905]");
  add_companions(checkpoint, {});
  CHECK(checkpoint.documents.size() == 1);
}

TEST_CASE("The means of an item's numbers stand in for their matrix", "[readers]") {
  const TemporaryFolder folder;
  write_item_numbers(folder, {1, 4, 2, 6, 1.5, -1});
  const Checkpoint checkpoint = with_companions(folder.path("din_tf_variables.npz"));
  REQUIRE(checkpoint.documents.size() == 1);
  CHECK(checkpoint.documents[0].name == "din_data_info.npz: item_dense_unique");
  CHECK(checkpoint.documents[0].text == "[1.5,3.0]");
}

TEST_CASE("readers: an item's numbers whose mean is none are refused", "[readers]") {
  const TemporaryFolder folder;
  for (const float odd : {NAN, INFINITY}) {
    write_item_numbers(folder, {1, 4, 2, 6, odd, -1});
    CHECK_THROWS_WITH(with_companions(folder.path("din_tf_variables.npz")),
                      ContainsSubstring("item_dense_unique") && ContainsSubstring("a column whose mean is no number"));
  }
}

TEST_CASE("The configuration beside the folder of a checkpoint of TorchEasyRec is found", "[readers]") {
  const TemporaryFolder folder;
  folder.write("pipeline.config", "model_config {}");
  std::filesystem::create_directories(folder.path("model.ckpt-500/model"));
  for (const char* path : {"model.ckpt-500", "model.ckpt-500/model"}) {
    const Checkpoint checkpoint = with_companions(folder.path(path));
    CHECK(checkpoint.documents.size() == 1);
  }
}

TEST_CASE("A companion that is named stands in for the one beside the checkpoint", "[readers]") {
  const TemporaryFolder folder, other;
  folder.write("feature_map.json", "beside");
  other.write("feature_map.json", "named");
  const Checkpoint checkpoint = with_companions(folder.path("DIN.model"), {other.path("feature_map.json")});
  REQUIRE(checkpoint.documents.size() == 1);
  CHECK(checkpoint.documents[0].text == "named");
}

TEST_CASE("Companions that are missing or of one name are errors", "[readers]") {
  const TemporaryFolder folder, other;
  folder.write("a.json", "1");
  other.write("a.json", "2");
  const std::string path = folder.path("DIN.model");
  CHECK_THROWS_WITH(with_companions(path, {folder.path("b.json")}), Catch::Matchers::ContainsSubstring("b.json"));
  CHECK_THROWS_WITH(with_companions(path, {folder.path("a.json"), other.path("a.json")}),
                    Catch::Matchers::ContainsSubstring("has the name of"));
}

}  // namespace dinghy::converter
