#include "converter/model_file/output_file.h"

#include <signal.h>
#include <sys/resource.h>
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
#include "converter/model_file/writer.h"
#include "tests/converter/arithmetic_model.h"
#include "tests/converter/commands/command.h"
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

/// Lets this process and those that it starts write files of at most `bytes`.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) {
    REQUIRE(getrlimit(RLIMIT_FSIZE, &before_) == 0);
    const struct rlimit limit = {bytes, before_.rlim_max};
    REQUIRE(setrlimit(RLIMIT_FSIZE, &limit) == 0);
  }
  ~FileSizeLimit() { setrlimit(RLIMIT_FSIZE, &before_); }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;

 private:
  struct rlimit before_ = {};
};

}  // namespace

TEST_CASE("A file that is not committed leaves nothing, and an older one of its name stays", "[model_file]") {
  const TemporaryFolder folder;
  folder.write("m.dinghy", "old");
  {
    OutputFile file(folder.path("m.dinghy"));
    file.write(std::as_bytes(std::span("new")));
    CHECK(files_in(folder) == 2);
  }
  CHECK(files_in(folder) == 1);
  CHECK(read_file(folder.path("m.dinghy")) == "old");
}

TEST_CASE(
    "An interrupted conversion leaves no file of its name, and no temporary one after a signal that can be caught",
    "[model_file]") {
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
  CHECK_FALSE(std::filesystem::exists(folder.path("m.dinghy")));
  CHECK(files_in(folder) == (number == SIGKILL ? 1 : 0));
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
  const std::string temporary = calls[0].substr(std::strlen("write "));
  CHECK(temporary.starts_with("m.dinghy."));
  const auto size = static_cast<std::ptrdiff_t>(calls.size());
  CHECK(std::ranges::count(calls, "write " + temporary) == size - 3);
  CHECK(at("fsync " + temporary) == size - 3);
  CHECK(at("rename m.dinghy") == size - 2);
  CHECK(at("fsync " + name) == size - 1);
}

TEST_CASE("A disk that is full or fails at any call is an error with its reason, and the older file is whole",
          "[model_file]") {
  const int error = GENERATE(ENOSPC, EIO, EDQUOT);
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
