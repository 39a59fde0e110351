// dinghy selftest, as a user runs it.
#include <catch2/catch_test_macros.hpp>

#include "dinghy/isa.h"
#include "tests/converter/arithmetic_model.h"
#include "tests/converter/commands/command.h"

namespace dinghy::converter {
namespace {

std::string golden_row(const std::string& score, const std::string& attention) {
  return R"({"user": {"user_id": 2}, "context": {"hour": 0.5}, "history": {"item_id": [2, 6]}, )"
         R"("candidates": {"item_id": [1], "brand": ["acme"]}, "scores": [)" +
         score + R"(], "attention": )" + attention + "}\n";
}

CommandResult selftest(const std::string& golden, const std::string& options = {},
                       GoldenTolerance tolerance = {2e-6, 2e-6}) {
  const TemporaryFolder folder;
  write_arithmetic_model(folder.path("m.dinghy"), golden, tolerance);
  CommandResult result = run_dinghy("selftest " + folder.path("m.dinghy") + options);
  // The folder's name changes from run to run.
  for (std::size_t at; (at = result.errors.find(folder.path(""))) != std::string::npos;) {
    result.errors.erase(at, folder.path("").size());
  }
  return result;
}

}  // namespace

TEST_CASE("selftest scores the stored rows on every ISA of the machine", "[commands]") {
  const CommandResult result = selftest(golden_row("0.5625", "[[0.5, 0.5]]") + golden_row("0.5625", "[[0.5, 0.5]]"));
  CHECK(result.errors == "");
  CHECK(result.status == 0);
  for (const Isa& isa : isas()) {
    CAPTURE(isa.name);
    CHECK(result.output.find(std::string("  ") + isa.name) != std::string::npos);
  }
  CHECK(result.output.find("FAIL") == std::string::npos);
}

TEST_CASE("selftest of one ISA prints its line alone", "[commands]") {
  CHECK(selftest(golden_row("0.5625", "[[0.5, 0.5]]"), " --isa reference").output ==
        "  isa        rows  max |Δp|  tolerance  max |Δ attention|  tolerance\n"
        "  reference  1     0         2e-06      0                  1e-05      ok\n");
}

TEST_CASE("selftest fails on a score that is off, and names the worst row", "[commands]") {
  const CommandResult result = selftest(
      golden_row("0.5625", "[[0.5, 0.5]]") + golden_row("0.5", "[[0.5, 0.5]]") + golden_row("0.56", "[[0.5, 0.5]]"),
      " --isa reference");
  CHECK(result.status == 1);
  CHECK(result.errors ==
        "dinghy: m.dinghy: self-test failed on reference: score of m.dinghy: golden rows:2, candidate 0: 0.5625 "
        "instead of 0.5 (off by 0.0625)\n");
  CHECK(result.output.find("FAIL") != std::string::npos);
}

TEST_CASE("selftest fails on an attention weight that is off", "[commands]") {
  const CommandResult result = selftest(golden_row("0.5625", "[[0.25, 0.5]]"), " --isa reference");
  CHECK(result.status == 1);
  CHECK(result.errors ==
        "dinghy: m.dinghy: self-test failed on reference: attention of m.dinghy: golden rows:1, candidate 0: 0.5 "
        "instead of 0.25 (off by 0.25)\n");
}

TEST_CASE("selftest holds scores and attention weights to a tolerance each", "[commands]") {
  const std::string good = golden_row("0.5625", "[[0.5, 0.5]]");
  const std::string other_score = golden_row("0.5", "[[0.5, 0.5]]");
  const std::string other_weight = golden_row("0.5625", "[[0.25, 0.5]]");
  const GoldenTolerance for_scores = {0.1, 1e-4}, for_weights = {1e-4, 0.3};
  CHECK(selftest(other_score, "", for_scores).status == 0);
  CHECK(selftest(other_weight, "", for_weights).status == 0);
  CHECK(selftest(good + other_score, "", for_weights).errors.find("score of") != std::string::npos);
  CHECK(selftest(good + other_weight, "", for_scores).errors.find("attention of") != std::string::npos);
}

TEST_CASE("selftest of a file that states one tolerance holds attention weights to it too", "[commands]") {
  const TemporaryFolder folder;
  const std::string model = folder.path("m.dinghy");
  write_arithmetic_model(model, golden_row("0.5", "[[0.25, 0.5]]"), {0.3, 0.3});
  CHECK(run_dinghy("inspect " + model).output.find("golden rows: 1, tolerance 0.3\n") != std::string::npos);
  CHECK(run_dinghy("selftest " + model).status == 0);
}

TEST_CASE("selftest of a file without golden rows says how to add them", "[commands]") {
  const CommandResult result = selftest("");
  CHECK(result.status == 1);
  CHECK(result.errors.starts_with("dinghy: m.dinghy: has no golden rows; convert the checkpoint again with --check"));
  CHECK(result.output == "");
}

}  // namespace dinghy::converter
