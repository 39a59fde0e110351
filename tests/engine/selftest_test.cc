// Model::selftest() and dinghy_model_selftest(): the golden rows of a file on the device.
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <limits>

#include "dinghy/dinghy.h"
#include "dinghy/isa.h"
#include "tests/engine/golden_rows.h"
#include "tests/engine/random_network.h"

namespace dinghy::tests {
namespace {

using Catch::Matchers::ContainsSubstring;

/// The network with its own golden rows in the file.
Model with_golden_rows(const Shape& shape, const ChangeExpected& change = {}) {
  const converter::Network network = random_network(shape);
  const ModelFile bare(network);
  return ModelFile(network, golden_rows(bare.open(), change)).open();
}

Shape shape_of_all_columns() {
  return {.max_length = 6,
          .two_interests = true,
          .dense_and_bag = true,
          .mixed_fields = true,
          .content = true,
          .own_history = true};
}

void check_wrong(const Status& status, const std::string& said) {
  CHECK(status.code() == Code::wrong_scores);
  CHECK_THAT(status.message(), ContainsSubstring(said));
}

}  // namespace

TEST_CASE("selftest: right scores pass on every ISA", "[selftest]") {
  for (const Shape& shape : {Shape{}, shape_of_all_columns(), Shape{.compute = format::Compute::int16}}) {
    const Model model = with_golden_rows(shape);
    for (const Isa& isa : isas()) {
      if (!isa.available || (shape.compute != format::Compute::f32 && isa.name != std::string_view("reference")))
        continue;
      CAPTURE(isa.name);
      const Status status = model.selftest(isa.name);
      INFO(status.message());
      CHECK(status.ok());
    }
  }
}

TEST_CASE("selftest: a score that is off is named with its row", "[selftest]") {
  const Model model = with_golden_rows({}, [](Scores& expected) { expected.scores[1] += 0.25f; });
  for (const Isa& isa : isas()) {
    if (isa.available)
      check_wrong(model.selftest(isa.name), std::string(isa.name) + ": the score of golden row 2, candidate 1: ");
  }
}

TEST_CASE("selftest: an attention weight that is off is named with its row", "[selftest]") {
  const Model model = with_golden_rows(shape_of_all_columns(), [](Scores& expected) { expected.attention[7] += 0.1f; });
  check_wrong(model.selftest(), "an attention weight of golden row 2, candidate 1: ");  // 6 behaviours are kept
}

TEST_CASE("selftest: a row that expects no number fails", "[selftest]") {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  check_wrong(with_golden_rows({}, [=](Scores& expected) { expected.scores[0] = nan; }).selftest(), "instead of nan");
}

TEST_CASE("selftest: reference is held to the file's tolerance, others to 1e-5", "[selftest]") {
  const Model model = with_golden_rows({}, [](Scores& expected) { expected.scores[1] += 5e-6f; });
  check_wrong(model.selftest("reference"), "at most 1e-06");
  for (const Isa& isa : isas()) {
    if (isa.available && isa.name != std::string_view("reference")) CHECK(model.selftest(isa.name).ok());
  }
}

TEST_CASE("selftest: a file without golden rows says how it gets them", "[selftest]") {
  const Status without = ModelFile(Shape{}).open().selftest();
  CHECK(without.code() == Code::unsupported);
  CHECK_THAT(without.message(), ContainsSubstring("--check"));
  const ModelFile old(random_network({}), {.lines = "{}\n", .count = 1, .tolerance = {}});
  CHECK(old.open().selftest().code() == Code::unsupported);
}

TEST_CASE("selftest: an ISA that there is not is refused", "[selftest]") {
  CHECK(with_golden_rows({}).selftest("mmx").code() == Code::unknown_isa);
}

TEST_CASE("selftest: the C function says the same", "[selftest]") {
  const converter::Network network = random_network({});
  const ModelFile bare(network);
  const ModelFile file(network, golden_rows(bare.open(), [](Scores& expected) { expected.scores[0] += 0.5f; }));
  dinghy_model* model = nullptr;
  REQUIRE(dinghy_model_open(file.path().c_str(), &model, nullptr) == DINGHY_OK);
  dinghy_status status{};
  CHECK(dinghy_model_selftest(model, "reference", &status) == DINGHY_WRONG_SCORES);
  CHECK_THAT(status.message, ContainsSubstring("golden row 2, candidate 0"));
  CHECK(dinghy_model_selftest(model, nullptr, nullptr) == DINGHY_WRONG_SCORES);
  CHECK(dinghy_model_selftest(nullptr, nullptr, &status) == DINGHY_INVALID_ARGUMENT);
  dinghy_model_free(model);
}

}  // namespace dinghy::tests
