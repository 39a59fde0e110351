// Runs the commands of docs/unknown-code.md, and looks for what the page shows of their output.
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <filesystem>
#include <sstream>
#include <vector>

#include "tests/converter/commands/command.h"

using Catch::Matchers::ContainsSubstring;

namespace dinghy::converter {
namespace {

const std::string kPage = DINGHY_SOURCE_DIR "/docs/unknown-code.md";
const std::string kCase = DINGHY_SOURCE_DIR "/tests/golden/unknown-code";
const std::string kPrompt = "$ dinghy ";
const std::string kLeftOut = "…";

struct Block {
  std::string language;
  std::vector<std::string> lines;

  std::string text() const {
    std::string text;
    for (const std::string& line : lines) text += line + "\n";
    return text;
  }
};

std::vector<Block> blocks_of(const std::string& page) {
  std::vector<Block> blocks;
  bool inside = false;
  std::istringstream lines(page);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("```")) {
      inside = !inside;
      if (inside) blocks.push_back({line.substr(3), {}});
    } else if (inside) {
      blocks.back().lines.push_back(line);
    }
  }
  return blocks;
}

// A shown line may leave parts out with …
void check_shown(const std::string& output, const std::string& line) {
  for (std::size_t begin = 0; begin <= line.size();) {
    const std::size_t end = std::min(line.find(kLeftOut, begin), line.size());
    CHECK_THAT(output, ContainsSubstring(line.substr(begin, end - begin)));
    begin = end + kLeftOut.size();
  }
}

int run_commands(const Block& block) {
  int commands = 0;
  std::string output;
  for (const std::string& line : block.lines) {
    if (line.starts_with(kPrompt)) {
      const CommandResult result = run_dinghy(line.substr(kPrompt.size()));
      output = result.output + result.errors;
      ++commands;
    } else {
      check_shown(output, line);
    }
  }
  return commands;
}

class InFolder {
 public:
  explicit InFolder(const std::string& path) : before_(std::filesystem::current_path()) {
    std::filesystem::current_path(path);
  }
  InFolder(const InFolder&) = delete;
  InFolder& operator=(const InFolder&) = delete;
  ~InFolder() { std::filesystem::current_path(before_); }

 private:
  std::filesystem::path before_;
};

}  // namespace

TEST_CASE("The commands of the page about an unknown code do what the page shows", "[pages]") {
  const TemporaryFolder folder;
  std::filesystem::copy(kCase + "/model.pth", folder.path("model.pth"));
  std::filesystem::copy(kCase + "/golden.jsonl", folder.path("golden.jsonl"));
  const InFolder in_folder(folder.path(""));
  int commands = 0;
  bool has_recipe = false;
  for (const Block& block : blocks_of(read_file(kPage))) {
    INFO(block.text());
    if (block.language == "toml") {
      CHECK(block.text() == read_file(kCase + "/recipe.toml"));
      folder.write("recipe.toml", block.text());
      has_recipe = true;
    } else if (block.language.empty() && block.lines.at(0).starts_with(kPrompt)) {
      commands += run_commands(block);
    } else if (block.language.empty()) {
      const std::string recipe = read_file(kCase + "/recipe.toml");
      const std::string parts = R"("k", "q", "k-q")";
      std::string wrong = recipe;
      wrong.replace(wrong.find(parts), parts.size(), R"("q", "k", "q-k")");
      const std::string path = folder.write("wrong.toml", wrong);
      const CommandResult result =
          run_dinghy("convert model.pth --recipe " + path + " --check golden.jsonl -o wrong.dinghy");
      check_shown(result.errors, block.lines.at(0));
    }
  }
  CHECK(has_recipe);
  CHECK(commands == 3);
  CHECK(std::filesystem::exists(folder.path("clicks.dinghy")));
}

}  // namespace dinghy::converter
