// What the commands write, and where they refuse to.
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <filesystem>
#include <map>

#include "tests/converter/commands/demo_options.h"

using Catch::Matchers::ContainsSubstring;

namespace dinghy::converter {
namespace {

namespace fs = std::filesystem;

/// All files of a folder with their bytes.
std::map<std::string, std::string> contents(const std::string& folder) {
  std::map<std::string, std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) files[entry.path().string()] = read_file(entry.path().string());
  }
  return files;
}

}  // namespace

TEST_CASE("convert: no output replaces an input, whichever the two are", "[commands]") {
  const TemporaryFolder folder;
  for (const char* name : {"checkpoint.pth", "recipe.toml", "golden.jsonl", "labelled.jsonl", "items.tsv"}) {
    fs::copy(kDemo + name, folder.path(name));
  }
  folder.write("feature_map.json", "{}");  // found by its name
  folder.write("notes.json", "{}");
  folder.write("old.dinghy", "old");
  const auto before = contents(folder.path(""));
  const std::string inputs = "convert " + folder.path("checkpoint.pth") + " --recipe " + folder.path("recipe.toml") +
                             " --companion " + folder.path("notes.json") + " --check " + folder.path("golden.jsonl");
  const auto check_refused = [&](const std::string& arguments, const std::string& path) {
    CAPTURE(arguments);
    const CommandResult result = run_dinghy(arguments);
    CHECK(result.status == 1);
    CHECK_THAT(result.errors, ContainsSubstring(path + ": is read by this command; choose another output file"));
    CHECK(contents(folder.path("")) == before);
  };
  for (const char* input : {"checkpoint.pth", "recipe.toml", "notes.json", "feature_map.json", "golden.jsonl"}) {
    check_refused(inputs + " -o " + folder.path(input), folder.path(input));
  }
  // Each of these scores the labelled rows several times.
  const std::string labelled = folder.path("labelled.jsonl"), old = folder.path("old.dinghy");
  for (const std::string& outputs :
       {" -o " + labelled, " --report " + labelled + " -o " + old,
        " --report-plot " + labelled + " --report " + folder.path("r.json") + " -o " + old}) {
    check_refused(inputs + " --tables i8 --eval " + labelled + outputs, labelled);
  }
}

TEST_CASE("convert: no output replaces a file of a checkpoint's folder", "[commands]") {
  const TemporaryFolder folder;
  const std::string copy = folder.path("xdl");
  fs::copy(DINGHY_SOURCE_DIR "/tests/golden/xdl-form", copy, fs::copy_options::recursive);
  fs::remove(copy + "/golden.jsonl");
  const std::string recipe = " --recipe " DINGHY_SOURCE_DIR "/tests/recipes/xdl-din.toml";
  const auto before = contents(copy);
  for (const auto& [path, bytes] : before) {
    CAPTURE(path);
    const CommandResult result = run_dinghy("convert " + copy + recipe + " -o " + path);
    CHECK_THAT(result.errors, ContainsSubstring(path + ": is read by this command"));
    CHECK(contents(copy) == before);
  }
}

TEST_CASE("convert: two outputs of one place are refused before any work", "[commands]") {
  const TemporaryFolder folder;
  for (const std::string& report : {folder.path("m.dinghy"), folder.path("./m.dinghy")}) {
    const CommandResult result =
        run_dinghy(kConvert + "--tables i8 --report " + report + " -o " + folder.path("m.dinghy"));
    CHECK_THAT(result.errors, ContainsSubstring("is given for two outputs; give each a name of its own"));
    CHECK(contents(folder.path("")).empty());
  }
}

TEST_CASE("convert: an output that is a link is written through", "[commands]") {
  const TemporaryFolder folder;
  folder.write("v1", "old");
  fs::create_symlink("v1", folder.path("m.dinghy"));
  REQUIRE(run_dinghy(kConvert + "-o " + folder.path("m.dinghy")).status == 0);
  CHECK(fs::is_symlink(folder.path("m.dinghy")));
  CHECK(read_file(folder.path("v1")).starts_with("DINGHY"));
}

TEST_CASE("score: a link and standard output are written through", "[commands]") {
  const TemporaryFolder folder;
  const std::string model = folder.path("m.dinghy");
  REQUIRE(run_dinghy(kConvert + "-o " + model).status == 0);
  folder.write("scores", "old");
  fs::create_symlink("scores", folder.path("link"));
  const std::string score = "score " + model + " --requests " + kDemo + "request.jsonl -o ";
  REQUIRE(run_dinghy(score + folder.path("link")).status == 0);
  CHECK(fs::is_symlink(folder.path("link")));
  CHECK_THAT(read_file(folder.path("scores")), ContainsSubstring("{\"scores\": ["));
  CHECK(run_dinghy(score + "/dev/stdout").output == read_file(folder.path("scores")));
}

}  // namespace dinghy::converter
