#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch_test_macros.hpp>
#include <filesystem>
#include <fstream>
#include <string>

#include "tests/engine/random_network.h"
#include "tests/engine/request.h"

namespace dinghy::tests {
namespace {

namespace fs = std::filesystem;

using Open = Result<Model> (*)(const char*) noexcept;

/// What `open` says of `path` in a process of its own that has run `prepare` before.
template <class Prepare>
Status open_in_a_process(const std::string& path, Prepare prepare, Open open = &Model::open) {
  struct Outcome {
    Code code;
    char message[200];
  } outcome{};
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    prepare();
    const Status status = open(path.c_str()).status();
    outcome.code = status.code();
    std::string(status.message()).copy(outcome.message, sizeof outcome.message - 1);
    const bool sent = ::write(ends[1], &outcome, sizeof outcome) == sizeof outcome;
    ::_exit(sent ? 0 : 1);
  }
  ::close(ends[1]);
  int exit = 0;
  REQUIRE(::waitpid(child, &exit, 0) == child);
  REQUIRE(::read(ends[0], &outcome, sizeof outcome) == sizeof outcome);
  ::close(ends[0]);
  return Status::error(outcome.code, "%s", outcome.message);
}

/// Lets the process map `room` bytes more than it has mapped.
void limit_address_space(std::size_t room) {
  std::size_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages;
  const rlim_t limit = static_cast<rlim_t>(pages) * static_cast<rlim_t>(::sysconf(_SC_PAGESIZE)) + room;
  const struct rlimit limits = {limit, limit};
  ::setrlimit(RLIMIT_AS, &limits);
}

}  // namespace

TEST_CASE("open: a mapping that the system refuses is an error with the system's reason", "[format][limits]") {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  SKIP("a sanitizer maps memory of its own, which would hit the limit first");
#endif
  converter::Network network = random_network({});
  for (converter::Table& table : network.tables) {
    if (table.name == "item") table.source = random_tensor("item", 1 << 20, 8);
  }
  const ModelFile file(network);
  const Status refused = open_in_a_process(file.path(), [] { limit_address_space(8u << 20); });
  CHECK(refused.code() == Code::io_error);
  CHECK(std::string(refused.message()) == "cannot map the file: Cannot allocate memory");
  CHECK(open_in_a_process(file.path(), [] { limit_address_space(64u << 20); }).ok());
  const Status copied = open_in_a_process(file.path(), [] { limit_address_space(8u << 20); }, &Model::read);
  CHECK(copied.code() == Code::out_of_memory);
  CHECK(std::string(copied.message()) == "no memory for a copy of the file");
}

TEST_CASE("open: a file beyond 4 GB is refused by a message of ours, on 32 bits because no address space holds it",
          "[format]") {
  const ModelFile file(Shape{});
  const std::uint64_t size = (std::uint64_t{4} << 30) + fs::file_size(file.path());  // all of it, in 32 bits
  fs::resize_file(file.path(), size);                                                // sparse: takes no disk
  const Status status = Model::open(file.path().c_str()).status();
  CHECK(status.code() == Code::bad_file);
  const std::string message = status.message();
  CAPTURE(message);
  if constexpr (sizeof(std::size_t) == 4) {
    CHECK(message == "the file is larger than the address space");
  } else {
    CHECK(message.find("the file has " + std::to_string(size) + " bytes, its header says ") == 0);
  }
}

TEST_CASE("open: a file that has grown or was cut is refused by its size, and its mapping before keeps its scores",
          "[format]") {
  const ModelFile file(Shape{});
  const Model model = file.open();
  const Request request = random_request(model, 20, 10, 1);
  const std::vector<float> before = score(model, request, "").scores;
  const auto size = fs::file_size(file.path());
  std::ofstream(file.path(), std::ios::app | std::ios::binary) << std::string(10000, 'x');
  CHECK(score(model, request, "").scores == before);
  const Status grown = Model::open(file.path().c_str()).status();
  CHECK(grown.code() == Code::bad_file);
  CHECK(std::string(grown.message()).find("truncated or damaged") != std::string::npos);
  fs::resize_file(file.path(), size);
  CHECK(Model::open(file.path().c_str()).ok());

  const std::string cut = file.path() + ".cut";
  for (const std::uintmax_t bytes : {std::uintmax_t{0}, std::uintmax_t{1}, std::uintmax_t{63}, std::uintmax_t{64},
                                     std::uintmax_t{4096}, size / 2, size - 1}) {
    CAPTURE(bytes);
    fs::copy_file(file.path(), cut);
    fs::resize_file(cut, bytes);
    const Status status = Model::open(cut.c_str()).status();
    CHECK(status.code() == Code::bad_file);
    CHECK(std::string(status.message()) != "");
    fs::remove(cut);
  }
}

TEST_CASE("open: a model goes on when its file is deleted", "[format]") {
  const ModelFile file(Shape{});
  const Model model = file.open();
  const Request request = random_request(model, 20, 10, 1);
  const std::vector<float> before = score(model, request, "").scores;
  fs::remove(file.path());
  CHECK(score(model, request, "").scores == before);
  CHECK(Model::open(file.path().c_str()).status().code() == Code::io_error);
}

TEST_CASE("open: a file without read permission is an error with the system's reason", "[format]") {
  const ModelFile file(Shape{});
  fs::permissions(file.path(), fs::perms::none);
  const Status status = open_in_a_process(file.path(), [] {
    if (::geteuid() == 0 && ::setuid(65534) != 0) ::_exit(1);  // root may read everything
  });
  CHECK(status.code() == Code::io_error);
  CHECK(std::string(status.message()) == "cannot open the file: Permission denied");
}

TEST_CASE("open: a pipe is refused at once, though nobody writes to it", "[format]") {
  const std::string path = fs::temp_directory_path() / ("dinghy-pipe-" + std::to_string(::getpid()));
  REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
  const Status status = Model::open(path.c_str()).status();
  fs::remove(path);
  CHECK(status.code() == Code::bad_file);
  CHECK(std::string(status.message()) == "not a regular file");
}

}  // namespace dinghy::tests
