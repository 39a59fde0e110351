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

CommandResult selftest(const std::string& golden, const std::string& options = {}) {
  const TemporaryFolder folder;
  write_arithmetic_model(folder.path("m.dinghy"), golden);
  CommandResult result = run_dinghy("selftest " + folder.path("m.dinghy") + options);
  // The folder's name changes from run to run.
  for (std::size_t at; (at = result.errors.find(folder.path(""))) != std::string::npos;) {
    result.errors.erase(at, folder.path("").size());
  }
  return result;
}

}  // namespace

TEST_CASE("selftest scores the stored rows on every ISA of the machine") {
  const CommandResult result = selftest(golden_row("0.5625", "[[0.5, 0.5]]") + golden_row("0.5625", "[[0.5, 0.5]]"));
  CHECK(result.errors == "");
  CHECK(result.status == 0);
  for (const Isa& isa : isas()) {
    CAPTURE(isa.name);
    CHECK(result.output.find(std::string("  ") + isa.name) != std::string::npos);
  }
  CHECK(result.output.find("FAIL") == std::string::npos);
}

TEST_CASE("selftest of one ISA prints its line alone") {
  CHECK(selftest(golden_row("0.5625", "[[0.5, 0.5]]"), " --isa reference").output ==
        "  isa        rows  max |Δp|  max |Δ attention|  tolerance\n"
        "  reference  1     0         0                  2e-06      ok\n");
}

TEST_CASE("selftest fails on a score that is off, and names the worst row") {
  const CommandResult result = selftest(
      golden_row("0.5625", "[[0.5, 0.5]]") + golden_row("0.5", "[[0.5, 0.5]]") + golden_row("0.56", "[[0.5, 0.5]]"),
      " --isa reference");
  CHECK(result.status == 1);
  CHECK(result.errors ==
        "dinghy: m.dinghy: self-test failed on reference: score of m.dinghy: golden rows:2, candidate 0: 0.5625 "
        "instead of 0.5 (off by 0.0625)\n");
  CHECK(result.output.find("FAIL") != std::string::npos);
}

TEST_CASE("selftest fails on an attention weight that is off") {
  const CommandResult result = selftest(golden_row("0.5625", "[[0.25, 0.5]]"), " --isa reference");
  CHECK(result.status == 1);
  CHECK(result.errors ==
        "dinghy: m.dinghy: self-test failed on reference: attention of m.dinghy: golden rows:1, candidate 0: 0.5 "
        "instead of 0.25 (off by 0.25)\n");
}

TEST_CASE("selftest of a file without golden rows says how to add them") {
  const CommandResult result = selftest("");
  CHECK(result.status == 1);
  CHECK(result.errors.starts_with("dinghy: m.dinghy: has no golden rows; convert the checkpoint again with --check"));
  CHECK(result.output == "");
}

}  // namespace dinghy::converter
