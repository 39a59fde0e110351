// Files that change after they were verified.
#include <catch2/catch_test_macros.hpp>
#include <filesystem>
#include <fstream>

#include "dinghy/dinghy.h"
#include "dinghy/isa.h"
#include "tests/engine/random_network.h"
#include "tests/engine/request.h"

namespace dinghy::tests {
namespace {

namespace fs = std::filesystem;

std::vector<float> scores_of(const Model& model) {
  return score(model, random_request(model, 7, 9, 1), isas()[0].available ? isas()[0].name : "reference").scores;
}

}  // namespace

TEST_CASE("hostile: a model that was read stays as it was when its file is overwritten, cut or removed", "[hostile]") {
  const ModelFile file(Shape{.dense_and_bag = true});
  auto model = Model::read(file.path().c_str());
  REQUIRE(model.ok());
  const std::vector<float> before = scores_of(*model);
  const auto size = fs::file_size(file.path());
  {
    std::fstream bytes(file.path(), std::ios::in | std::ios::out | std::ios::binary);
    bytes << std::string(size, '\xff');
  }
  CHECK(scores_of(*model) == before);
  fs::resize_file(file.path(), 0);
  CHECK(scores_of(*model) == before);
  fs::remove(file.path());
  CHECK(scores_of(*model) == before);
  const Request request = random_request(*model, 3, 1, 2);
  CHECK(model->prefetch(request.candidates.columns(*model)).ok());
}

TEST_CASE("hostile: a model that is read is the one that is mapped, and is refused for the same reasons", "[hostile]") {
  const ModelFile file(Shape{.history_sums = true, .encoded = true});
  auto mapped = Model::open(file.path().c_str()), read = Model::read(file.path().c_str());
  REQUIRE(mapped.ok());
  REQUIRE(read.ok());
  CHECK(scores_of(*read) == scores_of(*mapped));
  fs::resize_file(file.path(), fs::file_size(file.path()) - 1);
  for (const char* path : {file.path().c_str(), "/nonexistent/model.dinghy", "/", "/dev/null"}) {
    const auto one = Model::open(path), other = Model::read(path);
    CAPTURE(path);
    CHECK_FALSE(one.ok());
    CHECK(other.status().code() == one.status().code());
    CHECK(std::string(other.status().message()) == one.status().message());
  }
  fs::resize_file(file.path(), 0);
  CHECK(Model::read(file.path().c_str()).status().code() == Code::bad_file);
}

TEST_CASE("C API: a model is read from a copy of its file", "[hostile]") {
  const ModelFile file(Shape{});
  dinghy_model* model = nullptr;
  dinghy_status status;
  REQUIRE(dinghy_model_read(file.path().c_str(), &model, &status) == DINGHY_OK);
  fs::resize_file(file.path(), 0);
  CHECK(dinghy_model_name(model) == std::string("random"));
  dinghy_model_free(model);
  CHECK(dinghy_model_read(file.path().c_str(), &model, &status) == DINGHY_BAD_FILE);
  CHECK(model == nullptr);
  CHECK(dinghy_model_read(nullptr, &model, &status) == DINGHY_INVALID_ARGUMENT);
  CHECK(dinghy_model_read("x", nullptr, &status) == DINGHY_INVALID_ARGUMENT);
}

}  // namespace dinghy::tests
