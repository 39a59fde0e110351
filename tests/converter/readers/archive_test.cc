#include "converter/readers/archive.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <cstring>
#include <fstream>

#include "converter/error.h"
#include "tests/converter/readers/odd_files.h"

namespace dinghy::converter::test {
namespace {

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::MessageMatches;

std::string text_of(const Storage& storage) {
  std::string text(storage.size(), '\0');
  storage.read(0, std::as_writable_bytes(std::span(text)));
  return text;
}

/// Replaces every `from` in a file.
void patch(const std::string& path, const std::string& from, const std::string& to) {
  std::string bytes = read_file(path);
  for (std::size_t at = 0; (at = bytes.find(from, at)) != std::string::npos; at += to.size())
    bytes.replace(at, to.size(), to);
  std::ofstream(path, std::ios::binary) << bytes;
}

// Fields of a member's entry in the directory of a zip, by their offset.
const std::string kDirectoryEntry = "PK\x01\x02";
constexpr std::size_t kPackedSize = 20, kUnpackedSize = 24, kPlace = 42;

/// Sets a field of every member's entry.
void patch_directory(const std::string& path, std::size_t field, std::uint32_t value) {
  std::string bytes = read_file(path);
  for (std::size_t at = 0; (at = bytes.find(kDirectoryEntry, at)) != std::string::npos; at += kDirectoryEntry.size()) {
    bytes.replace(at + field, sizeof value, bytes_of<std::uint32_t>({value}));
  }
  std::ofstream(path, std::ios::binary) << bytes;
}

TEST_CASE("an archive gives its members in its own order, stored and deflated", "[readers]") {
  TemporaryFolder folder;
  const std::string path = folder.path("a.zip");
  write_zip(path, {{"b", "stored bytes"}, {"a/c", std::string(5000, 'x'), true}});
  const auto archive = Archive::open(path);
  CHECK(archive->names() == std::vector<std::string>{"b", "a/c"});
  CHECK(text_of(*archive->storage("b")) == "stored bytes");
  CHECK(text_of(*archive->storage("a/c")) == std::string(5000, 'x'));
  CHECK(archive->size("a/c") == 5000);
  CHECK_THROWS_MATCHES(archive->storage("d"), Error, MessageMatches(ContainsSubstring("a.zip: d: is missing")));
}

TEST_CASE("a large stored member stays in the file and is read by position", "[readers]") {
  TemporaryFolder folder;
  const std::string path = folder.path("large.zip");
  std::string bytes(std::size_t{65} << 20, '\0');
  std::memcpy(bytes.data() + bytes.size() - 5, "tail!", 5);
  write_zip(path, {{"small", "s"}, {"large", bytes}});
  const auto storage = Archive::open(path)->storage("large");  // keeps its archive open
  REQUIRE(storage->size() == bytes.size());
  std::string tail(5, '\0');
  storage->read(bytes.size() - 5, std::as_writable_bytes(std::span(tail)));
  CHECK(tail == "tail!");
}

TEST_CASE("a member that does not match its CRC is refused", "[readers]") {
  TemporaryFolder folder;
  const std::string path = folder.path("a.zip");
  write_zip(path, {{"member", "honest bytes"}});
  patch(path, "honest bytes", "altered byte");
  CHECK_THROWS_MATCHES(Archive::open(path)->storage("member"), Error,
                       MessageMatches(ContainsSubstring("a.zip: member: is damaged")));
}

TEST_CASE("an archive that holds a name twice is refused", "[readers]") {
  TemporaryFolder folder;
  const std::string path = folder.path("a.zip");
  write_zip(path, {{"first", "1"}, {"other", "2"}});
  patch(path, "other", "first");
  CHECK_THROWS_MATCHES(Archive::open(path), Error, MessageMatches(ContainsSubstring("twice")));
}

TEST_CASE("a member that would unpack to more than a thousand times its size is refused", "[readers]") {
  TemporaryFolder folder;
  const std::string path = folder.path("bomb.zip");
  write_zip(path, {{"zeros", std::string(std::size_t{80} << 20, '\0'), true}});
  CHECK_THROWS_MATCHES(Archive::open(path)->storage("zeros"), Error, MessageMatches(ContainsSubstring("1000 times")));
}

TEST_CASE("a size that is a lie is refused before memory is taken for it", "[readers]") {
  TemporaryFolder folder;
  const std::string path = folder.path("a.zip");
  write_zip(path, {{"member", std::string(0x1234, 'x')}});
  patch(path, std::string("\x34\x12\0\0", 4), std::string("\xf0\xff\xff\x7f", 4));
  CHECK_THROWS_AS(Archive::open(path)->storage("member"), Error);
}

TEST_CASE("an archive whose members overlap is refused: a few bytes could be unpacked any number of times",
          "[readers]") {
  TemporaryFolder folder;
  const std::string path = folder.path("a.zip");
  const std::string x(5000, 'x');
  write_zip(path, {{"a", x, true}, {"b", x, true}, {"c", x, true}, {"d", x, true}, {"e", x, true}});
  CHECK(Archive::open(path)->storage("b")->size() == 5000);
  const auto all = static_cast<std::uint32_t>(read_file(path).find(kDirectoryEntry));  // what lies before the directory
  patch_directory(path, kPackedSize, all);
  patch_directory(path, kPlace, 0);
  CHECK_THROWS_MATCHES(Archive::open(path), Error, MessageMatches(ContainsSubstring("overlap")));
}

TEST_CASE("an archive whose members would unpack to too much together is refused, each being within its bounds",
          "[readers]") {
  TemporaryFolder folder;
  const std::string path = folder.path("bomb.zip");
  std::vector<Member> members;
  for (int i = 0; i < 20; ++i) members.push_back({"zeros" + std::to_string(i), std::string(60'000, '\0'), true});
  write_zip(path, members);
  patch_directory(path, kUnpackedSize, 60'000'000);
  CHECK_THROWS_MATCHES(Archive::open(path), Error, MessageMatches(ContainsSubstring("more than 1 GiB and 100 times")));
  members.resize(10);
  write_zip(path, members);
  patch_directory(path, kUnpackedSize, 60'000'000);
  CHECK(Archive::open(path)->names().size() == 10);
}

TEST_CASE("a small member may unpack to more than a thousand times its size", "[readers]") {
  const TemporaryFolder folder;
  const std::string path = folder.path("a.zip"), zeros(std::size_t{4} << 20, '\0');
  write_zip(path, {{"zeros", zeros, true}});
  REQUIRE(read_file(path).size() < zeros.size() / 1000 + 300);
  CHECK(text_of(*Archive::open(path)->storage("zeros")) == zeros);
}

TEST_CASE("a large member that is stored may be read whole", "[readers]") {
  const TemporaryFolder folder;
  const std::string path = folder.path("a.zip");
  write_zip(path, {{"large", std::string(std::size_t{65} << 20, 'x')}});
  CHECK(Archive::open(path)->bytes("large", std::size_t{65} << 20).size() == std::size_t{65} << 20);
}

TEST_CASE("an encrypted member is refused as such", "[readers]") {
  const TemporaryFolder folder;
  const std::string path = folder.path("a.zip");
  write_zip(path, {{"secret", "bytes"}});
  std::string bytes = read_file(path);
  bytes[6] = 1;                                // the flags of the member
  bytes[bytes.find(kDirectoryEntry) + 8] = 1;  // and of its entry in the directory
  folder.write("a.zip", bytes);
  CHECK_THROWS_MATCHES(Archive::open(path), Error, MessageMatches(ContainsSubstring("a.zip: secret: is encrypted")));
}

TEST_CASE("a member that unpacks to more than it states is refused", "[readers]") {
  const TemporaryFolder folder;
  const std::string path = folder.path("a.zip");
  write_zip(path, {{"member", std::string(0x1234, 'x'), true}});
  patch(path, std::string("\x34\x12\0\0", 4), std::string("\x33\x12\0\0", 4));
  CHECK_THROWS_AS(Archive::open(path)->storage("member"), Error);
}

TEST_CASE("bytes() keeps to its limit", "[readers]") {
  TemporaryFolder folder;
  const std::string path = folder.path("a.zip");
  write_zip(path, {{"member", "12345"}});
  CHECK(Archive::open(path)->bytes("member", 5).size() == 5);
  CHECK_THROWS_MATCHES(Archive::open(path)->bytes("member", 4), Error,
                       MessageMatches(ContainsSubstring("more than the 4")));
}

}  // namespace
}  // namespace dinghy::converter::test
