// convert --remote: a device's model, and what is refused.
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <filesystem>
#include <fstream>
#include <string>

#include "dinghy/model.h"
#include "tests/converter/commands/command.h"

namespace dinghy::converter {
namespace {

using Catch::Matchers::ContainsSubstring;

const std::string kShop = DINGHY_SOURCE_DIR "/tests/golden/deepctr-torch-softmax";

/// Converts with a golden row or without; the device's model is device.dinghy, the other whole.dinghy.
CommandResult split(const TemporaryFolder& folder, const std::string& options) {
  return run_dinghy("convert " + kShop + "/model.pth --recipe " + kShop + "/recipe.toml -o " +
                    folder.path("device.dinghy") + " " + options);
}

std::string whole(const TemporaryFolder& folder) { return " --whole " + folder.path("whole.dinghy"); }

void write_lines(const std::string& path, const std::string& lines) { std::ofstream(path) << lines; }

/// Nothing may be left of a conversion that failed.
void refuses(const std::string& options, const std::string& message) {
  const TemporaryFolder folder;
  const CommandResult result = split(folder, options + whole(folder));
  CAPTURE(options);
  CHECK(result.status == 1);
  CHECK_THAT(result.errors, ContainsSubstring(message));
  CHECK_FALSE(std::filesystem::exists(folder.path("device.dinghy")));
  CHECK_FALSE(std::filesystem::exists(folder.path("whole.dinghy")));
}

/// The scores of one candidate by the device's model; the message where it refuses.
std::string scored(const TemporaryFolder& folder, const char* model, int item) {
  const std::string line = R"({"user":{"user":1},"history":{"item":[],"category":[]},"candidates":{"item":[)" +
                           std::to_string(item) + R"(],"category":[1]}})";
  const CommandResult result = run_dinghy("score " + folder.path(model) + " --requests -", line);
  return result.status == 0 ? result.output : result.errors;
}

}  // namespace

TEST_CASE("convert --remote says what is remote, and its ids have no row on the device", "[commands][split]") {
  const TemporaryFolder folder;
  const CommandResult result = split(folder, "--remote item" + whole(folder));
  INFO(result.errors);
  REQUIRE(result.status == 0);
  CHECK_THAT(result.output,
             ContainsSubstring("remote: item (item): 1 rows of 121 in the file, the others are of version "));
  CHECK_THAT(scored(folder, "device.dinghy", 7),
             ContainsSubstring("item: entry 0, id 7, came without a row, and the model has none"));
  CHECK_THAT(scored(folder, "whole.dinghy", 7), ContainsSubstring("scores"));
  const CommandResult inspected = run_dinghy("inspect " + folder.path("device.dinghy"));
  CHECK_THAT(inspected.output, ContainsSubstring("1 of 121"));
  const CommandResult json = run_dinghy("inspect --json " + folder.path("device.dinghy"));
  CHECK_THAT(json.output, ContainsSubstring("\"remote_rows\": 121"));
}

TEST_CASE("convert --local keeps the rows of listed ids, and says which have none", "[commands][split]") {
  const TemporaryFolder folder;
  write_lines(folder.path("top.txt"), "7\n9\n1000000\n");
  const CommandResult result = split(folder, "--remote item --local item=" + folder.path("top.txt") + whole(folder));
  INFO(result.errors);
  REQUIRE(result.status == 0);
  CHECK_THAT(result.output, ContainsSubstring("remote: item (item): 3 rows of 121"));
  CHECK_THAT(result.output, ContainsSubstring("top.txt: 1 of 3 ids have no row of their own"));
  CHECK(scored(folder, "device.dinghy", 9) == scored(folder, "whole.dinghy", 9));
}

TEST_CASE("convert --remote refuses what it cannot split, and leaves nothing behind", "[commands][split]") {
  const TemporaryFolder folder;
  write_lines(folder.path("words.txt"), "7\nseven\n");
  refuses("--remote itm", "--remote: \"itm\" is not a feature with a table (did you mean \"item\"?)");
  refuses("--remote item --local item", "--local: \"item\" is not of the form FEATURE=FILE");
  refuses("--remote item --local itm=x", "--local: \"itm\" is not a feature with a table");
  refuses("--remote item --local category=" + folder.path("words.txt"),
          "--local: \"category\" is not remote: all its rows are in the model");
  refuses("--remote item --local item=" + folder.path("words.txt"), "words.txt:2: \"seven\" is not an integer id");
  refuses("--remote item --local item=" + folder.path("none.txt"), "none.txt");
}

TEST_CASE("convert --remote wants a place for the whole model, and another than for the device's",
          "[commands][split]") {
  const TemporaryFolder folder;
  CHECK(split(folder, "--remote item").status == 2);
  CHECK(split(folder, whole(folder)).status == 2);
  CHECK(split(folder, "--local item=x").status == 2);
  const CommandResult same = split(folder, "--remote item --whole " + folder.path("device.dinghy"));
  CHECK(same.status == 1);
  CHECK_THAT(same.errors, ContainsSubstring("is given for two outputs"));
}

}  // namespace dinghy::converter
