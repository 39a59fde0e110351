// What a failed check says of how the errors lie.
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <functional>
#include <nlohmann/json.hpp>
#include <sstream>

#include "tests/converter/commands/command.h"
#include "tests/converter/temporary_folder.h"

using Catch::Matchers::ContainsSubstring;

namespace dinghy::converter {
namespace {

using Json = nlohmann::json;

const std::string kCase = DINGHY_SOURCE_DIR "/tests/golden/deepctr-torch-softmax/";

// The golden rows of the case with those scores moved that `is_moved` chooses.
std::string moved_rows(const std::function<bool(const Json& row, std::size_t candidate)>& is_moved) {
  std::istringstream lines(read_file(kCase + "golden.jsonl"));
  std::string text;
  for (std::string line; std::getline(lines, line);) {
    Json row = Json::parse(line);
    for (std::size_t i = 0; i < row["scores"].size(); ++i) {
      const double score = row["scores"][i];
      if (is_moved(row, i)) row["scores"][i] = score < 0.5 ? score + 0.3 : score - 0.3;
    }
    text += row.dump() + "\n";
  }
  return text;
}

std::string errors_of(const std::function<bool(const Json& row, std::size_t candidate)>& is_moved) {
  const TemporaryFolder folder;
  const std::string golden = folder.write("golden.jsonl", moved_rows(is_moved));
  const CommandResult result = run_dinghy("convert " + kCase + "model.pth --recipe " + kCase + "recipe.toml --check " +
                                          golden + " -o " + folder.path("m.dinghy"));
  CHECK(result.status == 1);
  return result.errors;
}

std::size_t length_of(const Json& row) { return row["history"]["item"].size(); }

}  // namespace

TEST_CASE("commands: a failed check says which scores are off and where to look", "[commands]") {
  CHECK_THAT(errors_of([](const Json&, std::size_t) { return true; }),
             ContainsSubstring("scores are off; ") && ContainsSubstring("; all "));
  CHECK_THAT(errors_of([](const Json& row, std::size_t) { return length_of(row) == 0; }),
             ContainsSubstring("scores are off: those without behaviours; look at [history] empty"));
  CHECK_THAT(errors_of([](const Json& row, std::size_t) { return length_of(row) > 0; }),
             ContainsSubstring("scores are off: those with behaviours; look at the attention"));
  CHECK_THAT(errors_of([](const Json& row, std::size_t) { return length_of(row) >= 11; }),
             ContainsSubstring("behaviours or more; look at [history] max_length and keep"));
  CHECK_THAT(errors_of([](const Json& row, std::size_t) { return length_of(row) <= 2; }),
             ContainsSubstring("those with 2 behaviours or fewer; look at what padding does"));
  CHECK_THAT(errors_of([](const Json& row, std::size_t) { return row["user"]["user"].get<int>() % 7 == 3; }),
             ContainsSubstring("those where user is "));
}

TEST_CASE("commands: errors that follow no rule of a failed check are counted alone", "[commands]") {
  std::size_t number = 0;
  CHECK_THAT(errors_of([&](const Json&, std::size_t) { return ++number % 3 == 0; }),
             ContainsSubstring("no length and no id tells them from the others"));
}

}  // namespace dinghy::converter
