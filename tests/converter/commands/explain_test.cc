// `dinghy convert --explain` from the outside.
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <filesystem>

#include "tests/converter/commands/command.h"
#include "tests/converter/file_size_limit.h"

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::StartsWith;

namespace dinghy::converter {
namespace {

const std::string kCase = DINGHY_SOURCE_DIR "/tests/golden/deepctr-torch-softmax/";

}  // namespace

TEST_CASE("convert --explain prints the choices, converts nothing, and writes a recipe that converts", "[commands]") {
  const TemporaryFolder folder;
  const std::string recipe = folder.path("recipe.toml");
  const CommandResult result = run_dinghy("convert --explain " + kCase + "model.whole.pth -o " + recipe);
  CHECK(result.status == 0);
  CHECK(result.errors.empty());
  CHECK_THAT(result.output, ContainsSubstring("preset deepctr-torch (DeepCTR-Torch), found by "));
  CHECK_THAT(read_file(recipe), ContainsSubstring("preset = \"deepctr-torch\""));
  const CommandResult converted = run_dinghy("convert " + kCase + "model.whole.pth --recipe " + recipe + " --check " +
                                             kCase + "golden.jsonl -o " + folder.path("m.dinghy"));
  CHECK(converted.status == 0);
  CHECK(converted.errors.empty());
}

TEST_CASE("convert --explain without -o only prints", "[commands]") {
  const CommandResult result = run_dinghy("convert --explain " + kCase + "model.whole.pth");
  CHECK(result.status == 0);
  CHECK_THAT(result.output, ContainsSubstring("in a recipe"));
}

TEST_CASE("convert --explain says what is missing, after all that it knows, and still writes a recipe", "[commands]") {
  const TemporaryFolder folder;
  const std::string recipe = folder.path("recipe.toml");
  const CommandResult result = run_dinghy("convert --explain " + kCase + "model.pth -o " + recipe);
  CHECK(result.status == 1);
  CHECK_THAT(result.output, ContainsSubstring("embedding_dict.item.weight"));
  CHECK_THAT(result.errors, StartsWith("dinghy: ") && ContainsSubstring("does not say which features the history has"));
  CHECK_THAT(read_file(recipe), ContainsSubstring("# It does not convert yet: ") &&
                                    ContainsSubstring("preset = \"deepctr-torch\"") &&
                                    ContainsSubstring("\"embedding_dict.item.weight\" ["));
}

TEST_CASE("commands: a recipe to start from has a line for each open key", "[commands]") {
  const TemporaryFolder folder;
  const std::string recipe = folder.path("recipe.toml");
  run_dinghy("convert --explain " + kCase + "model.pth -o " + recipe);
  const std::string text = read_file(recipe);
  for (const char* line : {"# history = ", "# candidate = ", "\n[attention]\n# softmax = ",
                           "\n[tower]\n# activation = ", "\n[history]\n# max_length = "}) {
    INFO(line);
    CHECK_THAT(text, ContainsSubstring(line));
  }
  CHECK(text.find("[inputs]\n") == text.rfind("[inputs]\n"));
}

TEST_CASE("convert --explain: names of files may hold any bytes", "[commands]") {
  for (const std::string name : {"caf\xe9.pth", "a\nb.pth", "c\"d'\x1b.pth"}) {
    CAPTURE(name);
    const TemporaryFolder folder;
    std::filesystem::copy_file(kCase + "model.whole.pth", folder.path(name));
    const std::string recipe = folder.path("r.toml"), checkpoint = "\"" + folder.path("") + "\"*.pth";
    CHECK(run_dinghy("convert --explain " + checkpoint + " -o " + recipe).status == 0);
    const CommandResult result =
        run_dinghy("convert " + checkpoint + " --recipe " + recipe + " -o " + folder.path("m.dinghy"));
    CHECK(result.errors == "");
    CHECK(run_dinghy("inspect --json " + folder.path("m.dinghy")).status == 0);
  }
}

TEST_CASE("convert --explain never overwrites a file", "[commands]") {
  const TemporaryFolder folder;
  const std::string recipe = folder.write("recipe.toml", "mine");
  const CommandResult result = run_dinghy("convert --explain " + kCase + "model.whole.pth -o " + recipe);
  CHECK(result.status == 1);
  CHECK(result.output.empty());
  CHECK_THAT(result.errors, ContainsSubstring("recipe.toml: is there already"));
  CHECK(read_file(recipe) == "mine");
}

TEST_CASE("commands: convert --explain --generic makes a folder that converts without the preset", "[commands]") {
  const std::string folder_of_case = DINGHY_SOURCE_DIR "/tests/golden/recbole/";
  const TemporaryFolder folder;
  const std::string fork = folder.path("fork");
  const CommandResult result = run_dinghy("convert --explain --generic " + folder_of_case + "DIN.pth -o " + fork);
  CHECK(result.errors.empty());
  CHECK(result.status == 0);
  CHECK_THAT(read_file(fork + "/recipe.toml"), ContainsSubstring("preset = \"generic\""));
  CHECK(std::filesystem::exists(fork + "/item_id"));
  const CommandResult converted =
      run_dinghy("convert " + folder_of_case + "DIN.pth --recipe " + fork + "/recipe.toml --check " + folder_of_case +
                 "golden.jsonl -o " + folder.path("m.dinghy"));
  CHECK(converted.errors.empty());
  CHECK(converted.status == 0);
}

TEST_CASE("commands: convert --generic goes with --explain and -o, and leaves what is there alone", "[commands]") {
  const TemporaryFolder folder;
  CHECK(run_dinghy("convert --generic " + kCase + "model.whole.pth -o " + folder.path("f")).status == 2);
  CHECK(run_dinghy("convert --explain --generic " + kCase + "model.whole.pth").status == 2);
  const std::string there = folder.write("there", "mine");
  CHECK_THAT(run_dinghy("convert --explain --generic " + kCase + "model.whole.pth -o " + there).errors,
             ContainsSubstring("is there already"));
  CHECK(run_dinghy("convert --explain --generic " + kCase + "model.pth -o " + folder.path("f")).status == 1);
  CHECK_FALSE(std::filesystem::exists(folder.path("f")));
}

TEST_CASE("commands: convert --explain --generic leaves no folder where a file of it cannot be written", "[commands]") {
  const TemporaryFolder said, made;
  std::string users;
  for (int row = 0; row < 40; ++row) {
    users += std::string(300, 'u') + std::to_string(row) + "\t" + std::to_string(row) + "\n";
  }
  said.write("users.tsv", users);
  const std::string recipe = said.write("r.toml", "[ids.user_id]\nvocabulary = \"users.tsv\"\nmissing = \"zero\"\n");
  const std::string command = "convert --explain --generic " DINGHY_SOURCE_DIR
                              "/tests/golden/rechorus-form/model.pt --recipe " +
                              recipe + " -o " + made.path("fork");
  {
    const FileSizeLimit limit(8000);  // the report is shorter, the vocabulary is longer
    CHECK(run_dinghy(command).status == 1);
  }
  CHECK(std::filesystem::is_empty(made.path("")));
  CHECK(run_dinghy(command + "/").status == 0);
  CHECK(std::filesystem::exists(made.path("fork/recipe.toml")));
}

TEST_CASE("convert needs -o unless it explains, and --explain goes without golden rows", "[commands]") {
  CHECK(run_dinghy("convert " + kCase + "model.whole.pth").status == 2);
  CHECK(run_dinghy("convert --explain " + kCase + "model.whole.pth --check " + kCase + "golden.jsonl").status == 2);
}

}  // namespace dinghy::converter
