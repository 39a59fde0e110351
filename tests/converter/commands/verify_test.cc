// dinghy verify, as a user runs it, and the selftest that begins with it.
#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <fstream>

#include "dinghy/model.h"
#include "model_generated.h"
#include "schema/hash.h"
#include "schema/header.h"
#include "tests/converter/arithmetic_model.h"
#include "tests/converter/commands/command.h"

using Catch::Matchers::ContainsSubstring;

namespace dinghy::converter {
namespace {

constexpr const char* kGolden = R"({"user": {"user_id": 2}, "context": {"hour": 0.5}, "history": {"item_id": [2, 6]}, )"
                                R"("candidates": {"item_id": [1], "brand": ["acme"]}, "scores": [0.5625]})"
                                "\n";

void write_file(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

/// The file without the hashes of its segments, as an older converter wrote it.
std::string without_hashes(std::string bytes) {
  auto* const header = reinterpret_cast<unsigned char*>(bytes.data());
  format::Header fields = {};
  format::read_header(header, fields);
  for (const format::Segment* segment : *format::GetModel(header + format::kHeaderSize)->segments()) {
    const auto* const table = reinterpret_cast<const flatbuffers::Table*>(segment);
    auto* const vtable = const_cast<std::uint8_t*>(table->GetVTable());
    std::fill_n(vtable + format::Segment::VT_HASH, sizeof(flatbuffers::voffset_t), std::uint8_t{0});
  }
  fields.metadata_hash = format::fnv1a64(header + format::kHeaderSize, fields.metadata_size);
  format::write_header(fields, header);
  return bytes;
}

}  // namespace

TEST_CASE("verify: a sound file is said to be sound", "[commands]") {
  const TemporaryFolder folder;
  const std::string path = folder.path("m.dinghy");
  write_arithmetic_model(path, kGolden);
  const CommandResult result = run_dinghy("verify " + path);
  CHECK(result.errors == "");
  CHECK(result.status == 0);
  CHECK_THAT(result.output, ContainsSubstring("bytes, 6 segments as they were written"));
}

TEST_CASE("verify: a damaged segment is named, by selftest too", "[commands]") {
  const TemporaryFolder folder;
  const std::string path = folder.path("m.dinghy");
  write_arithmetic_model(path, kGolden);
  std::string bytes = read_file(path);
  bytes.back() ^= 1;
  write_file(path, bytes);
  for (const std::string command : {"verify ", "selftest "}) {
    CAPTURE(command);
    const CommandResult result = run_dinghy(command + path);
    CHECK(result.status == 1);
    CHECK(result.output == "");
    CHECK_THAT(result.errors, ContainsSubstring("segments[5] (table) does not match its hash: damaged"));
  }
}

TEST_CASE("verify: a file without hashes is refused, but selftest scores it", "[commands]") {
  const TemporaryFolder folder;
  const std::string path = folder.path("m.dinghy");
  write_arithmetic_model(path, kGolden);
  write_file(path, without_hashes(read_file(path)));
  const CommandResult verified = run_dinghy("verify " + path);
  CHECK(verified.status == 1);
  CHECK_THAT(verified.errors, ContainsSubstring("segments[0] has no hash: the file is of an older converter"));
  const CommandResult tested = run_dinghy("selftest " + path);
  CHECK(tested.errors == "");
  CHECK(tested.status == 0);
  CHECK_THAT(tested.output, ContainsSubstring("bytes not verified: segments[0] has no hash"));
}

}  // namespace dinghy::converter
