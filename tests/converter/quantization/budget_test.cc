// The choice of forms within a budget, against all choices there are.
#include "converter/quantization/budget.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <limits>
#include <random>

#include "converter/error.h"

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::MessageMatches;
using Catch::Matchers::WithinRel;

namespace dinghy::converter {
namespace {

using Tables = std::vector<std::vector<FormCost>>;

double least_error(const Tables& tables, std::size_t first, std::uint64_t budget) {
  if (first == tables.size()) return 0;
  double least = std::numeric_limits<double>::infinity();
  for (const FormCost& form : tables[first]) {
    if (form.bytes > budget) continue;
    least = std::min(least, form.error + least_error(tables, first + 1, budget - form.bytes));
  }
  return least;
}

}  // namespace

TEST_CASE("The forms chosen within a budget fit and lose the least of all that fit", "[quantization]") {
  std::mt19937 random(7);
  std::uniform_int_distribution<std::uint64_t> bytes(1, 1000);
  std::uniform_real_distribution<double> error(0.1, 1);
  for (int trial = 0; trial < 50; ++trial) {
    Tables tables(5);
    for (auto& forms : tables) {
      for (int form = 0; form < 5; ++form) forms.push_back({bytes(random), error(random)});
    }
    const std::uint64_t budget = 400 + 60 * static_cast<std::uint64_t>(trial);
    const auto chosen = choose_within(tables, budget);
    const double least = least_error(tables, 0, budget);
    REQUIRE(chosen.has_value() == (least < 10));
    if (!chosen) continue;
    FormCost sum;
    for (std::size_t t = 0; t < tables.size(); ++t) {
      sum.bytes += tables[t][(*chosen)[t]].bytes;
      sum.error += tables[t][(*chosen)[t]].error;
    }
    CHECK(sum.bytes <= budget);
    CHECK_THAT(sum.error, WithinRel(least, 1e-12));
  }
}

TEST_CASE("A budget that is too small by one byte has no choice", "[quantization]") {
  const Tables tables = {{{100, 0}, {60, 1}}, {{100, 0}, {70, 2}}};
  CHECK(choose_within(tables, 130) == std::vector<std::size_t>{1, 1});
  CHECK_FALSE(choose_within(tables, 129));
  CHECK(choose_within(tables, 200) == std::vector<std::size_t>{0, 0});
}

TEST_CASE("A budget is a number of bytes with or without a unit", "[quantization]") {
  CHECK(read_bytes("20MB") == 20'000'000);
  CHECK(read_bytes("1.5GB") == 1'500'000'000);
  CHECK(read_bytes("900KB") == 900'000);
  CHECK(read_bytes("123456") == 123'456);
  for (const char* wrong : {"", "MB", "20 MB", "20mb", "-5MB", "0", "inf", "nan", "1e30", "20MBs"}) {
    INFO(wrong);
    CHECK_THROWS_MATCHES(read_bytes(wrong), Error, MessageMatches(ContainsSubstring("is no size; 20MB")));
  }
}

}  // namespace dinghy::converter
