// Pipes, folders, sockets and devices where a file should be: refused at once, and never waited for.
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <filesystem>

#include "converter/error.h"
#include "converter/text/text_file.h"
#include "tests/converter/odd_nodes.h"
#include "tests/converter/readers/odd_files.h"

namespace dinghy::converter::test {
namespace {

using Catch::Matchers::ContainsSubstring;
namespace fs = std::filesystem;

/// Ends the tests, where something waits, after seconds.
class Watch {
 public:
  Watch() { ::alarm(30); }
  ~Watch() { ::alarm(0); }
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;
};

template <class Open>
std::string message_of(Open open) {
  try {
    open();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

/// What reading `path` ends in; empty for a checkpoint.
std::string outcome_of(const std::string& path) {
  const std::string message = message_of([&] { read_checkpoint(path); });
  return message == "no error" ? "" : message;
}

}  // namespace

TEST_CASE("What is no file is refused as an input by its kind", "[readers]") {
  const Watch watch;
  const TemporaryFolder folder;
  for (const OddNode& node : odd_nodes(folder)) {
    CAPTURE(node.path);
    const std::string said = node.path + ": " + node.said;
    CHECK_THAT(message_of([&] { InputFile{node.path}; }), ContainsSubstring(said));
    CHECK_THAT(message_of([&] { InputFile(node.path, "a recipe is a TOML file"); }),
               ContainsSubstring(said) && ContainsSubstring("; a recipe is a TOML file"));
    CHECK_THAT(message_of([&] { read_text_file(node.path, "give a file", 100); }), ContainsSubstring(said));
    if (node.said != "is a folder") CHECK_THAT(outcome_of(node.path), ContainsSubstring(said));
  }
}

TEST_CASE("A pipe may be read where it is read once", "[readers]") {
  const Watch watch;
  const TemporaryFolder folder;
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  REQUIRE(::write(ends[1], "a\nb\n", 4) == 4);
  ::close(ends[1]);
  const std::unique_ptr<std::istream> lines =
      open_text_file(InputFile("/dev/fd/" + std::to_string(ends[0]), "", InputKind::file_or_pipe), "the pipe");
  std::string line;
  CHECK(std::getline(*lines, line));
  CHECK(std::getline(*lines, line));
  CHECK(line == "b");
  CHECK_FALSE(std::getline(*lines, line));
  ::close(ends[0]);
  for (const OddNode& node : odd_nodes(folder)) {
    if (node.said == "is a pipe") continue;
    CHECK_THAT(message_of([&] { InputFile(node.path, "", InputKind::file_or_pipe); }), ContainsSubstring(node.said));
  }
}

TEST_CASE("A text file over its limit is refused before it is read", "[readers]") {
  const TemporaryFolder folder;
  const std::string path = folder.write("r.toml", "12345678");
  CHECK(read_text_file(path, "give a recipe", 8) == "12345678");
  CHECK_THAT(message_of([&] { read_text_file(path, "give a recipe", 7); }),
             ContainsSubstring("r.toml: has 8 bytes, more than the 7 that are read; give a recipe"));
}

TEST_CASE("A pipe in place of a checkpoint's file is not waited for", "[readers]") {
  const Watch watch;
  const std::string source = GENERATE(std::string(DINGHY_SOURCE_DIR "/tests/golden/xdl-form"), fixture("dcp"),
                                      fixture("dcp-sharded"), fixture("sharded"), fixture("tensorflow/graph"),
                                      fixture("tensorflow/objects"), fixture("tensorflow/saved_model"));
  const TemporaryFolder folder;
  const std::string copy = folder.path("checkpoint");
  fs::copy(source, copy, fs::copy_options::recursive);
  REQUIRE(outcome_of(copy) == "");
  int refused = 0;
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(copy)) {
    if (entry.is_regular_file() && entry.path().extension() != ".jsonl") files.push_back(entry.path());
  }
  for (const fs::path& file : files) {
    CAPTURE(file);
    fs::rename(file, folder.path("kept"));
    REQUIRE(::mkfifo(file.c_str(), 0600) == 0);
    refused += outcome_of(copy).empty() ? 0 : 1;
    fs::remove(file);
    fs::rename(folder.path("kept"), file);
  }
  // But for a .meta and a state file, which a checkpoint can do without.
  CHECK(refused + 1 >= static_cast<int>(files.size()));
}

TEST_CASE("A link in place of a checkpoint's file is refused", "[readers]") {
  const std::string source = GENERATE(std::string(DINGHY_SOURCE_DIR "/tests/golden/xdl-form"), fixture("dcp-sharded"));
  const TemporaryFolder folder;
  const std::string copy = folder.path("checkpoint");
  fs::copy(source, copy, fs::copy_options::recursive);
  for (const auto& entry : fs::directory_iterator(source)) {
    const fs::path file = fs::path(copy) / entry.path().filename();
    if (file.extension() == ".jsonl" || file.filename() == ".metadata") continue;
    CAPTURE(file);
    fs::rename(file, folder.path("elsewhere"));
    fs::create_symlink(folder.path("elsewhere"), file);
    CHECK_THAT(outcome_of(copy), ContainsSubstring("which is a link"));
    fs::rename(folder.path("elsewhere"), file);
  }
}

}  // namespace dinghy::converter::test
