// dinghy inspect, as a user runs it.
#include <catch2/catch_test_macros.hpp>
#include <regex>

#include "tests/converter/arithmetic_model.h"
#include "tests/converter/commands/command.h"

namespace dinghy::converter {
namespace {

CommandResult inspect(const std::string& options, const std::string& golden = {}) {
  const TemporaryFolder folder;
  write_arithmetic_model(folder.path("m.dinghy"), golden);
  return run_dinghy("inspect " + folder.path("m.dinghy") + options);
}

}  // namespace

TEST_CASE("inspect describes the network in the words of the paper") {
  const CommandResult result = inspect("");
  CHECK(result.errors == "");
  CHECK(result.status == 0);
  CHECK(result.output.find(
            "network\n"
            "  behaviour history \"clicks\": the last 4 behaviours\n"
            "  interest \"interest\": query [item_id], keys [item_id] of \"clicks\"\n"
            "    local activation unit: [q, k, q-k, q*k] 8 -> 2 sigmoid -> 1, softmax, weighted sum, empty history: "
            "zero\n"
            "  tower: [user_id 1, hour 1, item_id 2, brand 1, interest 2]\n"
            "    7 -> 1 -> 1\n"
            "  score: logit\n") != std::string::npos);
}

TEST_CASE("inspect lists features, tables, origin and ISAs") {
  const std::string output = inspect("").output;
  for (const char* part :
       {"  name     role       kind       in history  width  table   history table\n",
        "  item_id  candidate  id         yes         2      items   items\n",
        "  brand    candidate  id string  no          1      brands  -\n",
        "  hour     context    dense 1    no          1      -       -\n",
        "  brands  3     1      f32       12 B   2 string keys  row 0\n", "golden rows: none",
        "  package     arithmetic 1.0\n", "  note        softmax: assumed\n", "ISAs of this build: ", "reference"}) {
    CAPTURE(part, output);
    CHECK(output.find(part) != std::string::npos);
  }
}

TEST_CASE("inspect --json lists the features by name, role, kind and history") {
  const std::string output = inspect(" --json").output;
  const std::string compact = std::regex_replace(output, std::regex("\\s+"), " ");
  CHECK(compact.find(R"("features": [ { "name": "user_id", "role": "user", "kind": "id", "in_history": false,)") !=
        std::string::npos);
  CHECK(compact.find(R"({ "name": "item_id", "role": "candidate", "kind": "id", "in_history": true,)") !=
        std::string::npos);
  CHECK(compact.find(R"("golden": null)") != std::string::npos);
}

TEST_CASE("inspect of something else than a model is an error with status 1") {
  const TemporaryFolder folder;
  const std::string path = folder.write("x.dinghy", "not a model");
  const CommandResult result = run_dinghy("inspect " + path);
  CHECK(result.status == 1);
  CHECK(result.errors.starts_with("dinghy: " + path + ": "));
  CHECK(result.output == "");
}

}  // namespace dinghy::converter
