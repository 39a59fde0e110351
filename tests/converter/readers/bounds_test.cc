// Files larger than any of their kind, and files that cannot be read to their end.
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <filesystem>
#include <fstream>
#include <functional>

#include "converter/error.h"
#include "converter/readers/companions.h"
#include "converter/readers/mapped_file.h"
#include "converter/readers/path_inside.h"
#include "converter/readers/safetensors/safetensors.h"
#include "converter/readers/storage.h"
#include "tests/converter/readers/odd_files.h"

namespace dinghy::converter::test {
namespace {

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::EndsWith;
namespace fs = std::filesystem;

std::string message_of(const std::function<void()>& call) {
  try {
    call();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

/// A file that begins and ends with these bytes, with a hole between them that takes no disk.
std::string sparse(const TemporaryFolder& folder, const std::string& name, const std::string& begin, std::uint64_t size,
                   const std::string& end = "") {
  const std::string path = folder.write(name, begin);
  fs::resize_file(path, size - end.size());
  std::ofstream(path, std::ios::app | std::ios::binary) << end;
  return path;
}

}  // namespace

TEST_CASE("readers: a file over the bound of its kind is refused", "[readers]") {
  const TemporaryFolder folder;
  constexpr std::uint64_t kMebi = 1 << 20;
  CHECK_THAT(error_of(sparse(folder, "m.safetensors.index.json", R"({"weight_map": {}})", 100'000'001)),
             ContainsSubstring("an index is not so long"));
  CHECK_THAT(error_of(sparse(folder, "big.index", "", 1024 * kMebi + 1, "\x57\xfb\x80\x8b\x24\x75\x47\xdb")),
             ContainsSubstring("is over 1 GiB: too large for the .index"));
  Checkpoint checkpoint{folder.path("model"), "", {}, {}};
  const std::string map = sparse(folder, "map.json", "{", 256 * kMebi + 1);
  CHECK_THAT(message_of([&] { add_companions(checkpoint, {map}); }), ContainsSubstring("is over 256 MiB"));
  fs::copy(fixture("tensorflow/parts"), folder.path("parts"), fs::copy_options::recursive);
  sparse(folder, "parts/checkpoint", "model_checkpoint_path: \"ckpt\"", kMebi + 1);
  CHECK_THAT(error_of(folder.path("parts")), ContainsSubstring("is too large for the state file"));
}

TEST_CASE("safetensors: a header that is cut, or over the format's limit, is refused", "[readers]") {
  const TemporaryFolder folder;
  const auto refused = [](const std::string& path) { return message_of([&] { read_safetensors(path); }); };
  CHECK_THAT(refused(folder.write("a", "1234567")), ContainsSubstring("ends within the length of its header"));
  const auto length = [](std::uint64_t value) { return bytes_of(std::vector<std::uint64_t>{value}); };
  CHECK_THAT(refused(folder.write("a", length(3) + "{}")), ContainsSubstring("ends within its header"));
  CHECK_THAT(refused(sparse(folder, "a", length(100'000'001) + "{}", 100'001'000)),
             ContainsSubstring("ends within its header"));
}

TEST_CASE("readers: a file that shrinks or fails while it is read", "[readers]") {
  const TemporaryFolder folder;
  const std::string path = folder.write("file", "12345678");
  const FileStorage file(path);
  std::vector<std::byte> bytes(8);
  CHECK_THAT(message_of([&] { file.read(std::uint64_t{1} << 63, bytes); }),
             ContainsSubstring("file: cannot be read: "));
  fs::resize_file(path, 4);
  CHECK_THAT(message_of([&] { file.read(0, bytes); }), ContainsSubstring("became shorter while it was read"));
}

TEST_CASE("readers: a file that the system does not map is an error", "[readers][limits]") {
#if defined(__SANITIZE_ADDRESS__)
  SKIP("the sanitizer maps memory of its own, which would hit the limit first");
#endif
  const TemporaryFolder folder;
  const std::string path = sparse(folder, "file", "", std::uint64_t{1} << 30);
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    const rlimit limit{1 << 29, 1 << 29};
    ::setrlimit(RLIMIT_AS, &limit);
    const std::string message = message_of([&] { MappedFile{path}; });
    ::_exit(message.find("file: cannot be mapped: ") == std::string::npos ? 1 : 0);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(status == 0);
}

TEST_CASE("readers: a name of a file with a zero byte is none", "[readers]") {
  CHECK_THAT(message_of([] { path_inside(".", std::string("a\0b", 3), "model"); }),
             ContainsSubstring("which is no file name"));
  CHECK_THAT(message_of([] { path_inside(".", "", "model"); }), ContainsSubstring("which is no file name"));
}

}  // namespace dinghy::converter::test
