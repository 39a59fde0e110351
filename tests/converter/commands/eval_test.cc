// dinghy eval, as a user runs it.
#include <catch2/catch_test_macros.hpp>

#include "tests/converter/arithmetic_model.h"
#include "tests/converter/commands/command.h"

namespace dinghy::converter {
namespace {

/// One impression each with the score user / 16 + item / 16.
std::string labelled(int user, const std::string& items, const std::string& brands, const std::string& label) {
  return R"({"user": {"user_id": )" + std::to_string(user) +
         R"(}, "context": {"hour": 0}, "history": {"item_id": []}, "candidates": {"item_id": )" + items +
         R"(, "brand": )" + brands + R"(}, "label": )" + label + "}\n";
}

CommandResult eval(const std::string& lines, const std::string& options = {}) {
  const TemporaryFolder folder;
  write_arithmetic_model(folder.path("m.dinghy"));
  return run_dinghy("eval " + folder.path("m.dinghy") + " --requests - --isa reference" + options, lines);
}

const std::string kLines = labelled(0, "[1, 4, 2]", R"(["", "", ""])", "[0, 1, 0]") +  // 0.0625, 0.25, 0.125
                           labelled(1, "[7, 3]", R"(["", ""])", "[0, 1]") +            // 0.5, 0.25
                           labelled(1, "[3]", R"([""])", "1") +                        // 0.25
                           labelled(2, "[6]", R"([""])", "[1]");                       // 0.5

}  // namespace

TEST_CASE("eval reports AUC, GAUC, log loss and calibration", "[commands]") {
  const CommandResult result = eval(kLines);
  CHECK(result.errors == "");
  CHECK(result.status == 0);
  // Pairs of clicked {0.25, 0.25, 0.25, 0.5} and others {0.0625, 0.125, 0.5}: 3 * 2 + 2.5 of 12.
  // User 0: 1 with 3 impressions; user 1: 0 with 3; user 2 has clicks alone.
  CHECK(result.output ==
        "requests     4\n"
        "impressions  7, 4 clicked\n"
        "isa          reference\n"
        "AUC          0.708333\n"
        "GAUC         0.500000 (2 of 3 users by user_id have both classes, 6 impressions)\n"
        "log loss     0.820464\n"
        "calibration  0.484375 (mean score 0.276786 / mean label 0.571429)\n"
        "\n"
        "score      impressions  mean score  mean label\n"
        "0.0 - 0.1            1    0.062500    0.000000\n"
        "0.1 - 0.2            1    0.125000    0.000000\n"
        "0.2 - 0.3            3    0.250000    1.000000\n"
        "0.3 - 0.4            0           -           -\n"
        "0.4 - 0.5            0           -           -\n"
        "0.5 - 0.6            2    0.500000    0.500000\n"
        "0.6 - 0.7            0           -           -\n"
        "0.7 - 0.8            0           -           -\n"
        "0.8 - 0.9            0           -           -\n"
        "0.9 - 1.0            0           -           -\n");
}

TEST_CASE("eval prints the same as JSON", "[commands]") {
  const CommandResult result = eval(kLines, " --json");
  CHECK(result.status == 0);
  CHECK(
      result.output.starts_with("{\n  \"requests\": 4,\n  \"impressions\": 7,\n  \"clicked\": 4,\n"
                                "  \"isa\": \"reference\",\n  \"auc\": 0.7083333333333334,\n"));
  CHECK(result.output.find("\"user_feature\": \"user_id\"") != std::string::npos);
}

TEST_CASE("eval leaves undefined what one class alone does not define", "[commands]") {
  const CommandResult result = eval(labelled(0, "[1]", R"([""])", "[1]"));
  CHECK(result.status == 0);
  CHECK(result.output.find("AUC          undefined\n") != std::string::npos);
  CHECK(result.output.find("GAUC         undefined (0 of 1 users by user_id have both classes, 0 impressions)\n") !=
        std::string::npos);
}

TEST_CASE("eval needs labels of 0 and 1", "[commands]") {
  CHECK(eval(labelled(0, "[1]", R"([""])", "[0.5]")).errors ==
        "dinghy: standard input:1: \"label\": 0 or 1 expected\n");
  const CommandResult result = eval(R"({"user": {"user_id": 1}, "context": {"hour": 0}, "history": {"item_id": []}, )"
                                    R"("candidates": {"item_id": [1], "brand": [""]}})");
  CHECK(result.errors == "dinghy: standard input:1: no \"label\"; eval needs one for each candidate, 0 or 1\n");
  CHECK(result.status == 1);
}

TEST_CASE("eval of no candidates is an error", "[commands]") {
  CHECK(eval("").errors == "dinghy: -: holds no candidates; there is nothing to evaluate\n");
  CHECK(eval("").status == 1);
}

TEST_CASE("eval refuses a user feature that does not exist", "[commands]") {
  const CommandResult result = eval(kLines, " --user-feature userid");
  CHECK(result.status == 1);
  CHECK(result.errors.find("--user-feature: no user id feature \"userid\" (did you mean \"user_id\"?); this model has: "
                           "user_id\n") != std::string::npos);
}

}  // namespace dinghy::converter
