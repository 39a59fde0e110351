// One conversion, two files: a device's model and the one that has all rows.
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <filesystem>
#include <string>

#include "dinghy/model.h"
#include "tests/converter/commands/command.h"
#include "tests/converter/golden/golden_lines.h"
#include "tests/converter/golden/split.h"

namespace dinghy::converter {
namespace {

using Catch::Matchers::ContainsSubstring;

const std::string kDeepCtr = DINGHY_SOURCE_DIR "/tests/golden/deepctr-torch-softmax";

CommandResult split(const TemporaryFolder& folder, const std::string& options) {
  return run_dinghy("convert " + kDeepCtr + "/model.pth --recipe " + kDeepCtr + "/recipe.toml --check " + kDeepCtr +
                    "/golden.jsonl -o " + folder.path("device.dinghy") + " --whole " + folder.path("whole.dinghy") +
                    " " + options);
}

}  // namespace

TEST_CASE("split: the rows may come in every encoding, and the attention in integers", "[golden][split]") {
  const std::string options = GENERATE("", "--tables f16", "--tables i8", "--tables i8h", "--tables i4",
                                       "--tables i8 --compute int8", "--compute int16");
  INFO(options);
  const TemporaryFolder folder;
  const CommandResult result = split(folder, options + " --remote item --remote category");
  INFO(result.errors);
  REQUIRE(result.status == 0);
  check_split(folder.path("whole.dinghy"), folder.path("device.dinghy"), read_file(kDeepCtr + "/golden.jsonl"));
}

}  // namespace dinghy::converter
