// Golden rows that nobody converted: selftest() reads what others wrote.
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <limits>

#include "converter/golden/request_packer.h"
#include "tests/engine/random_network.h"

namespace dinghy::tests {
namespace {

using Catch::Matchers::ContainsSubstring;
using Columns = flatbuffers::Offset<flatbuffers::Vector<flatbuffers::Offset<format::GoldenColumn>>>;

const converter::Network& network() {
  static const converter::Network kNetwork = random_network({});
  return kNetwork;
}

Status selftest(std::vector<std::uint8_t> columns) {
  const ModelFile file(network(), {.lines = "{}\n", .count = 1, .columns = std::move(columns), .tolerance = {}});
  return file.open().selftest("reference");
}

void check_refused(const Status& status, const std::string& said) {
  CHECK(status.code() == Code::bad_file);
  CHECK_THAT(status.message(), ContainsSubstring(said));
}

/// A row of the default network whose parts a test exchanges.
struct RawRow {
  flatbuffers::FlatBufferBuilder builder{};
  std::vector<std::int64_t> history = {1, 2, 3};
  std::size_t candidates = 2, scores = 2, attention = 0, times = 1;
  bool foreign_feature = false, both_kinds = false, no_kind = false;

  flatbuffers::Offset<format::GoldenColumn> ids(std::size_t feature, const std::vector<std::int64_t>& values) {
    const auto number = static_cast<std::uint32_t>(foreign_feature ? 1000 : feature);
    const auto vector = builder.CreateVector(values);
    const auto numbers = builder.CreateVector(std::vector<float>(both_kinds ? values.size() : 0));
    return format::CreateGoldenColumn(builder, number, no_kind ? 0 : vector, 0, both_kinds ? numbers : 0);
  }

  template <class Belongs>
  Columns columns(const std::vector<std::int64_t>& values, Belongs belongs) {
    std::vector<flatbuffers::Offset<format::GoldenColumn>> columns;
    for (std::size_t f = 0; f < network().features.size(); ++f) {
      if (belongs(network().features[f])) columns.push_back(ids(f, values));
    }
    return builder.CreateVector(columns);
  }

  std::vector<std::uint8_t> finish() {
    using converter::Feature;
    const Columns user = columns({1}, [](const Feature& f) { return f.role == format::Role::user; });
    const Columns behaviours = columns(history, [](const Feature& f) { return f.sequence >= 0; });
    const Columns candidate = columns(std::vector<std::int64_t>(candidates, 1),
                                      [](const Feature& f) { return f.role == format::Role::candidate; });
    const auto row = format::CreateGoldenRequest(builder, 1, user, behaviours, candidate,
                                                 builder.CreateVector(std::vector<double>(scores)),
                                                 builder.CreateVector(std::vector<float>(attention)));
    builder.Finish(format::CreateGoldenRequests(builder, builder.CreateVector(std::vector(times, row))),
                   format::GoldenRequestsIdentifier());
    return {builder.GetBufferPointer(), builder.GetBufferPointer() + builder.GetSize()};
  }
};

}  // namespace

TEST_CASE("hostile: golden rows that are no FlatBuffer are refused", "[hostile]") {
  const std::vector<std::uint8_t> sound = RawRow().finish();
  std::vector<std::uint8_t> cut = sound, elsewhere = sound;
  cut.resize(sound.size() / 2);
  elsewhere[0] = static_cast<std::uint8_t>(sound.size() - 4);  // where the root lies
  for (const std::vector<std::uint8_t>& columns : {cut, elsewhere}) {
    check_refused(selftest(columns), "golden: columns is not a valid FlatBuffer");
  }
}

TEST_CASE("hostile: a tolerance of golden rows that lets any row pass is refused", "[hostile]") {
  for (const double odd : {-1e-6, std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()}) {
    for (const converter::GoldenTolerance& tolerance :
         {converter::GoldenTolerance{.score = odd}, converter::GoldenTolerance{.attention = odd}}) {
      const ModelFile file(network(), {.lines = "{}\n", .count = 1, .tolerance = tolerance});
      check_refused(Model::open(file.path().c_str()).status(), "golden: a tolerance is negative or not finite");
    }
  }
}

TEST_CASE("hostile: golden rows of the wrong sizes are refused by row", "[hostile]") {
  CHECK(selftest(RawRow{}.finish()).code() == Code::wrong_scores);  // sound, and all scores are zero
  check_refused(selftest(RawRow{.scores = 3}.finish()), "golden row 1: ");
  check_refused(selftest(RawRow{.attention = 5}.finish()), "golden row 1: 5 attention weights; the model gives 6");
  check_refused(selftest(RawRow{.foreign_feature = true}.finish()), "golden row 1: ");
  check_refused(selftest(RawRow{.history = {1, 2, 1'000'000}}.finish()), "golden row 1: ");
}

TEST_CASE("hostile: a golden column has values of one kind", "[hostile]") {
  check_refused(selftest(RawRow{.both_kinds = true}.finish()), "exactly one kind");
  check_refused(selftest(RawRow{.no_kind = true}.finish()), "exactly one kind");
}

TEST_CASE("hostile: golden rows beyond their bounds are refused", "[hostile]") {
  check_refused(selftest(RawRow{.candidates = 1025, .scores = 1025}.finish()), "over 1024 candidates");
  check_refused(selftest(RawRow{.history = std::vector<std::int64_t>(4097)}.finish()), "over 4096 behaviours");
}

TEST_CASE("hostile: one golden row that is named often is refused", "[hostile]") {
  check_refused(selftest(RawRow{.history = std::vector<std::int64_t>(4000), .times = 100}.finish()), "share values");
}

}  // namespace dinghy::tests
