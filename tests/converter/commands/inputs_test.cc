// What the commands read: files, and pipes where they read once.
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <cstdlib>
#include <filesystem>

#include "tests/converter/commands/demo_options.h"
#include "tests/converter/odd_nodes.h"

using Catch::Matchers::ContainsSubstring;

namespace dinghy::converter {
namespace {

const std::string kGolden = DINGHY_SOURCE_DIR "/tests/golden/";

// As editors of Windows save a text.
std::string of_an_editor(std::string text) {
  for (std::size_t at = 0; (at = text.find('\n', at)) != std::string::npos; at += 2) text.insert(at, "\r");
  return "\xef\xbb\xbf" + text;
}

// The bytes of the model.
std::string converted(const TemporaryFolder& folder, const std::string& arguments) {
  const std::string model = folder.path("m.dinghy");
  const CommandResult result = run_dinghy("convert " + arguments + " -o " + model);
  INFO(result.errors);
  REQUIRE(result.status == 0);
  return read_file(model);
}

}  // namespace

TEST_CASE("convert: what is no file is refused at once as any input", "[commands]") {
  const TemporaryFolder folder;
  const std::string option = GENERATE(as<std::string>(), "--recipe", "--companion", "--check", "--tables i8 --eval");
  for (const test::OddNode& node : test::odd_nodes(folder)) {
    CAPTURE(option, node.path);
    const std::string recipe = option == "--recipe" ? "" : " --recipe " + kDemo + "recipe.toml";
    const CommandResult result = run_dinghy("convert " + kDemo + "checkpoint.pth" + recipe + " " + option + " " +
                                            node.path + " -o " + folder.path("m.dinghy"));
    CHECK(result.status == 1);
    CHECK_THAT(result.errors, ContainsSubstring("dinghy: " + node.path + ": " + node.said));
    if (option.ends_with("--eval"))
      CHECK_THAT(result.errors, ContainsSubstring("reads its requests once for each table"));
  }
}

#ifndef DINGHY_WITHOUT_HDF5
TEST_CASE("convert: a file of Keras needs the program beside the command", "[commands]") {
  const TemporaryFolder folder;
  const std::string command = DINGHY_COMMAND, file = folder.write("m.h5", "\x89HDF\r\n\x1a\n");
  std::filesystem::copy_file(command.substr(command.rfind(' ') + 1), folder.path("dinghy"));
  const std::string call =
      folder.path("dinghy") + " convert " + file + " -o " + folder.path("m.dinghy") + " 2>" + folder.path("errors");
  CHECK(std::system(call.c_str()) != 0);
  CHECK_THAT(read_file(folder.path("errors")),
             ContainsSubstring("m.h5: is a file of Keras, which is read by ") &&
                 ContainsSubstring("dinghy-read-keras, and that is not there; install Dinghy's command anew"));
}
#endif

TEST_CASE("score and eval: requests may come through a pipe", "[commands]") {
  const TemporaryFolder folder;
  const std::string model = folder.path("m.dinghy");
  REQUIRE(run_dinghy(kConvert + "-o " + model).status == 0);
  const std::string command = GENERATE(as<std::string>(), "score", "eval");
  const std::string expected = run_dinghy(command + " " + model + " --requests " + kDemo + "labelled.jsonl").output;
  CHECK(!expected.empty());
  for (const test::OddNode& node : test::odd_nodes(folder)) {
    CAPTURE(command, node.path);
    const bool pipe = node.said == "is a pipe";
    if (pipe) REQUIRE(std::system(("cat " + kDemo + "labelled.jsonl >" + node.path + " &").c_str()) == 0);
    const CommandResult result = run_dinghy(command + " " + model + " --requests " + node.path);
    CHECK(result.output == (pipe ? expected : ""));
    CHECK_THAT(result.errors, ContainsSubstring(pipe ? "" : node.said));
  }
}

TEST_CASE("Trap 43: a text with a mark and CR LF gives the same model", "[commands]") {
  const std::string name = GENERATE(as<std::string>(), "recipe.toml", "users.txt");
  std::string users;
  for (int row = 0; row < 60; ++row) users += "u-" + std::to_string(row) + "\n";
  std::string recipe = read_file(kGolden + "deepctr-torch-softmax/recipe.toml");
  recipe += "\n[ids.user]\nvocabulary = \"users.txt\"\nmissing = \"row\"\nrow = 60\n";
  const auto model = [&](bool marked) {
    const TemporaryFolder folder;
    folder.write("users.txt", marked && name == "users.txt" ? of_an_editor(users) : users);
    folder.write("recipe.toml", marked && name == "recipe.toml" ? of_an_editor(recipe) : recipe);
    return converted(folder, kGolden + "deepctr-torch-softmax/model.pth --recipe " + folder.path("recipe.toml"));
  };
  CAPTURE(name);
  CHECK(model(true) == model(false));
}

TEST_CASE("Trap 43: files beside a checkpoint and golden rows may be marked", "[commands]") {
  const std::string name =
      GENERATE(as<std::string>(), "DIN.log", "feature_map.json", "feature_vocab.json", "golden.jsonl");
  const auto model = [&](bool marked) {
    const TemporaryFolder folder;
    std::filesystem::copy_file(kGolden + "fuxictr/DIN.model", folder.path("DIN.model"));
    for (const std::string file : {"DIN.log", "feature_map.json", "feature_vocab.json", "golden.jsonl"}) {
      const std::string text = read_file(kGolden + "fuxictr/" + file);
      folder.write(file, marked && file == name ? of_an_editor(text) : text);
    }
    return converted(folder, folder.path("DIN.model") + " --check " + folder.path("golden.jsonl"));
  };
  CAPTURE(name);
  CHECK(model(true) == model(false));
}

TEST_CASE("score: requests on standard input may be marked", "[commands]") {
  const TemporaryFolder folder;
  const std::string model = folder.path("m.dinghy"), requests = read_file(kDemo + "labelled.jsonl");
  REQUIRE(run_dinghy(kConvert + "-o " + model).status == 0);
  const CommandResult plain = run_dinghy("score " + model + " --requests -", requests);
  CHECK(!plain.output.empty());
  CHECK(run_dinghy("score " + model + " --requests -", of_an_editor(requests)).output == plain.output);
}

TEST_CASE("convert: UTF-16 is refused by name", "[commands]") {
  const TemporaryFolder folder;
  const std::string recipe = folder.write("r.toml", std::string("\xff\xfep\0", 4));
  const CommandResult result =
      run_dinghy("convert " + kDemo + "checkpoint.pth --recipe " + recipe + " -o " + folder.path("m.dinghy"));
  CHECK_THAT(result.errors, ContainsSubstring("r.toml: is UTF-16; save it as UTF-8"));
}

TEST_CASE("convert: a recipe over a megabyte is refused before it is read", "[commands]") {
  const TemporaryFolder folder;
  const std::string recipe = folder.write("r.toml", std::string((1 << 20) + 1, '#'));
  const CommandResult result =
      run_dinghy("convert " + kDemo + "checkpoint.pth --recipe " + recipe + " -o " + folder.path("m.dinghy"));
  CHECK_THAT(result.errors, ContainsSubstring("r.toml: has 1048577 bytes, more than the 1048576 that are read"));
}

}  // namespace dinghy::converter
