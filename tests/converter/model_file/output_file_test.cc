#include "converter/model_file/output_file.h"

#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "converter/error.h"
#include "converter/input_file.h"
#include "converter/model_file/writer.h"
#include "converter/text/line_output.h"
#include "tests/converter/arithmetic_model.h"
#include "tests/converter/commands/command.h"
#include "tests/converter/file_size_limit.h"
#include "tests/converter/model_file/file_system_hooks.h"

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::MessageMatches;

namespace dinghy::converter {
namespace {

const std::string kSeed = DINGHY_SOURCE_DIR "/tests/golden/seed-npz/din.npz";

std::size_t files_in(const TemporaryFolder& folder) {
  std::size_t count = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(folder.path(""))) ++count;
  return count;
}

/// Runs `call` in a process of its own; its wait status. Catch2's handlers of signals are not there.
template <class Call>
int in_a_process(Call call) {
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    for (const int caught : {SIGINT, SIGTERM, SIGHUP}) signal(caught, SIG_DFL);
    call();
    _exit(0);
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  return status;
}

class NamelessFiles {
 public:
  explicit NamelessFiles(bool have) { have_nameless_files(have); }
  ~NamelessFiles() { have_nameless_files(true); }
};

mode_t mode_of(const std::string& path) {
  struct stat status = {};
  REQUIRE(stat(path.c_str(), &status) == 0);
  return status.st_mode & 0777;
}

}  // namespace

TEST_CASE("A file that is not committed leaves nothing, and an older one of its name stays", "[model_file]") {
  const TemporaryFolder folder;
  folder.write("m.dinghy", "old");
  const bool nameless = GENERATE(true, false);
  const NamelessFiles files(nameless);
  {
    OutputFile file(folder.path("m.dinghy"));
    file.write(std::as_bytes(std::span("new")));
    CHECK(files_in(folder) == (nameless ? 1 : 2));
  }
  CHECK(files_in(folder) == 1);
  CHECK(read_file(folder.path("m.dinghy")) == "old");
}

TEST_CASE("A conversion that a signal ends leaves nothing, SIGKILL included", "[model_file]") {
  const int number = GENERATE(SIGINT, SIGTERM, SIGHUP, SIGKILL);
  CAPTURE(number);
  const TemporaryFolder folder;
  const int status = in_a_process([&] {
    OutputFile file(folder.path("m.dinghy"));
    file.write(std::as_bytes(std::span("half of a model")));
    raise(number);
  });
  CHECK(WIFSIGNALED(status));
  CHECK(WTERMSIG(status) == number);
  CHECK(files_in(folder) == 0);
}

TEST_CASE("What a killed conversion left by name is removed by the next", "[model_file]") {
  const TemporaryFolder folder;
  const NamelessFiles files(false);
  const auto half = [&](int number) {
    OutputFile file(folder.path("m.dinghy"));
    file.write(std::as_bytes(std::span("half of a model")));
    if (number != 0) raise(number);
  };
  in_a_process([&] { half(SIGKILL); });
  REQUIRE(files_in(folder) == 1);
  folder.write("m.dinghy.1x.dinghy-part", "of somebody else");
  folder.write("other.dinghy.1.dinghy-part", "of another output");
  const OutputFile under_way(folder.path("m.dinghy"));
  CHECK(files_in(folder) == 3);
  half(0);  // a file that is being written is not stale
  CHECK(files_in(folder) == 3);
  CHECK(std::filesystem::exists(under_way.temporary_path()));
}

TEST_CASE("A conversion killed between its two names leaves nothing for long", "[model_file]") {
  const TemporaryFolder folder;
  in_a_process([&] {
    OutputFile file(folder.path("m.dinghy"));
    fail_file_call(3, EIO);  // fsync, link, rename
    try {
      file.commit();
    } catch (const Error&) {
      raise(SIGKILL);
    }
  });
  CHECK(files_in(folder) == 1);
  OutputFile(folder.path("m.dinghy")).commit();
  CHECK(files_in(folder) == 1);
  CHECK(std::filesystem::exists(folder.path("m.dinghy")));
}

TEST_CASE("A file that is replaced keeps its mode", "[model_file]") {
  const bool nameless = GENERATE(true, false);
  const NamelessFiles files(nameless);
  const TemporaryFolder folder;
  const mode_t mask = umask(022);
  write_model(arithmetic_network(), {}, {}, folder.path("m.dinghy"));
  CHECK(mode_of(folder.path("m.dinghy")) == 0644);
  REQUIRE(chmod(folder.path("m.dinghy").c_str(), 0640) == 0);
  write_model(arithmetic_network(), {}, {}, folder.path("m.dinghy"));
  CHECK(mode_of(folder.path("m.dinghy")) == 0640);
  umask(mask);
}

TEST_CASE("An output that is a link has its target replaced", "[model_file]") {
  const TemporaryFolder folder;
  std::filesystem::create_directory(folder.path("models"));
  folder.write("models/v1", "old");
  std::filesystem::create_symlink("models/latest", folder.path("m.dinghy"));
  std::filesystem::create_symlink("v1", folder.path("models/latest"));
  write_model(arithmetic_network(), {}, {}, folder.path("m.dinghy"));
  CHECK(std::filesystem::is_symlink(folder.path("m.dinghy")));
  CHECK(std::filesystem::is_symlink(folder.path("models/latest")));
  CHECK(read_file(folder.path("models/v1")).starts_with("DINGHY"));
  std::filesystem::remove(folder.path("models/v1"));  // a link to a file that there is not yet
  write_model(arithmetic_network(), {}, {}, folder.path("m.dinghy"));
  CHECK(read_file(folder.path("models/v1")).starts_with("DINGHY"));
  std::filesystem::create_symlink("round", folder.path("round"));
  CHECK_THROWS_MATCHES(OutputFile(folder.path("round")), Error, MessageMatches(ContainsSubstring("leads to itself")));
}

TEST_CASE("A file that was read is refused as an output", "[model_file]") {
  const TemporaryFolder folder;
  folder.write("read", "a checkpoint");
  std::filesystem::create_symlink("read", folder.path("link"));
  std::filesystem::create_hard_link(folder.path("read"), folder.path("other"));
  {
    const OutputFile before(folder.path("read"));
  }
  const InputFile input(folder.path("read"));
  for (const char* name : {"read", "./read", "link", "other"}) {
    CAPTURE(name);
    const std::string path = folder.path(name);
    CHECK_THROWS_MATCHES(OutputFile(path), Error, MessageMatches(ContainsSubstring("is read by this command")));
    CHECK_THROWS_MATCHES(LineOutput(path), Error, MessageMatches(ContainsSubstring("is read by this command")));
  }
  CHECK(read_file(folder.path("read")) == "a checkpoint");
}

TEST_CASE("An output that cannot be written is an error before any work", "[model_file]") {
  const TemporaryFolder folder;
  CHECK_THROWS_MATCHES(OutputFile(folder.path("none/m.dinghy")), Error,
                       MessageMatches(ContainsSubstring("cannot be written: No such file or directory")));
  CHECK_THROWS_MATCHES(OutputFile(folder.path("")), Error, MessageMatches(ContainsSubstring("is not a regular file")));
}

TEST_CASE("A finished file reaches the disk before it gets its name, and its name before the conversion ends",
          "[model_file]") {
  const TemporaryFolder folder;
  start_notes();
  write_model(arithmetic_network(), {}, {}, folder.path("m.dinghy"));
  const std::vector<std::string> calls = notes();
  const auto at = [&](const std::string& call) { return std::ranges::find(calls, call) - calls.begin(); };
  const std::string name = std::filesystem::path(folder.path("")).parent_path().filename();
  REQUIRE(calls.size() > 4);
  const auto size = static_cast<std::ptrdiff_t>(calls.size());
  CHECK(std::ranges::count(calls, "write -") == size - 4);
  CHECK(at("fsync -") == size - 4);
  CHECK(calls[calls.size() - 3].starts_with("link m.dinghy."));
  CHECK(at("rename m.dinghy") == size - 2);
  CHECK(at("fsync " + name) == size - 1);
}

TEST_CASE("A disk that is full or fails at any call is an error with its reason, and the older file is whole",
          "[model_file]") {
  const int error = GENERATE(ENOSPC, EIO, EDQUOT);
  const NamelessFiles files(GENERATE(true, false));
  const TemporaryFolder folder;
  folder.write("m.dinghy", "old");
  std::size_t failures = 0;
  for (bool done = false; !done; ++failures) {
    fail_file_call(failures + 1, error);
    std::string message;
    try {
      write_model(arithmetic_network(), {}, {}, folder.path("m.dinghy"));
      done = true;
    } catch (const Error& failed) {
      message = failed.what();
    }
    fail_file_call(0, 0);
    CAPTURE(failures, message);
    CHECK(files_in(folder) == 1);
    if (done) break;
    CHECK_THAT(message, ContainsSubstring("m.dinghy: ") && ContainsSubstring(std::strerror(error)));
    // The last call makes the new name durable: the file has it by then.
    if (message.find("power cut") == std::string::npos) CHECK(read_file(folder.path("m.dinghy")) == "old");
  }
  CHECK(failures > 4);
  CHECK(read_file(folder.path("m.dinghy")).starts_with("DINGHY"));
}

TEST_CASE("A conversion that is killed between any two writes leaves the older file as it was", "[model_file]") {
  const TemporaryFolder folder;
  folder.write("m.dinghy", "old");
  std::size_t kills = 0;
  for (;; ++kills) {
    const int status = in_a_process([&] {
      std::size_t steps = 0;
      OutputFile file(folder.path("m.dinghy"));
      write_model(arithmetic_network(), {}, {}, file, [&](std::uint64_t, std::uint64_t) {
        if (steps++ == kills) raise(SIGKILL);
      });
      file.commit();
    });
    if (!WIFSIGNALED(status)) break;
    CHECK(WTERMSIG(status) == SIGKILL);
    CHECK(read_file(folder.path("m.dinghy")) == "old");
  }
  CHECK(kills >= arithmetic_network().tables.size());
  CHECK(read_file(folder.path("m.dinghy")).size() > 1000);
}

TEST_CASE("convert in a process that may not write so large a file is one clear line, and the older file is whole",
          "[model_file]") {
  const TemporaryFolder folder;
  folder.write("m.dinghy", "old");
  CommandResult result;
  {
    const FileSizeLimit limit(16 << 10);
    result = run_dinghy("convert " + kSeed + " -o " + folder.path("m.dinghy"));
  }
  CHECK(result.status == 1);
  CHECK(result.errors ==
        "dinghy: " + folder.path("m.dinghy") + ": cannot be written: File too large; give another place with -o\n");
  CHECK(read_file(folder.path("m.dinghy")) == "old");
  CHECK(files_in(folder) == 1);
}

TEST_CASE("An output in a folder that may not be written to is an error with the system's reason", "[model_file]") {
  const TemporaryFolder folder;
  REQUIRE(chmod(folder.path("").c_str(), 0555) == 0);
  const int status = in_a_process([&] {
    if (geteuid() == 0 && setuid(65534) != 0) _exit(2);  // root may write everywhere
    try {
      OutputFile file(folder.path("m.dinghy"));
    } catch (const Error& error) {
      _exit(std::string(error.what()).find("cannot be written: Permission denied") == std::string::npos ? 3 : 1);
    }
  });
  CHECK(WEXITSTATUS(status) == 1);
  CHECK(chmod(folder.path("").c_str(), 0755) == 0);
  CHECK(files_in(folder) == 0);
}

}  // namespace dinghy::converter
