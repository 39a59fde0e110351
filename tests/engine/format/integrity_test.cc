// Damage where opening does not look: in tables, vocabularies and golden rows, and between segments.
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <set>
#include <string>

#include "dinghy/dinghy.h"
#include "tests/engine/changed_model.h"
#include "tests/engine/vocabulary_network.h"

namespace dinghy::tests {
namespace {

using Catch::Matchers::ContainsSubstring;

/// A file that has every kind of segment.
const ModelFile& file_of_all_kinds() {
  static const ModelFile kFile(network_with(numbered(item_keys())), {.lines = "{}\n", .count = 1, .tolerance = {}});
  return kFile;
}

/// What verify() says of a file that opens.
Status verified(const AlignedBytes& file) {
  auto model = Model::from_memory(file.span());
  INFO(model.status().message());
  REQUIRE(model.ok());
  return model->verify();
}

void check_damaged(const Status& status, const std::string& named) {
  CHECK(status.code() == Code::bad_file);
  CHECK_THAT(status.message(), ContainsSubstring(named));
}

}  // namespace

TEST_CASE("verify: a sound file is sound, however it was opened", "[format]") {
  const ModelFile& file = file_of_all_kinds();
  const AlignedBytes bytes(file.bytes());
  CHECK(file.open().verify().ok());
  CHECK(verified(bytes).ok());
  auto copied = Model::read(file.path().c_str());
  REQUIRE(copied.ok());
  CHECK(copied->verify().ok());
}

TEST_CASE("verify: one bit changed in any kind of segment is found", "[format]") {
  const Model sound = file_of_all_kinds().open();
  const auto& segments = *sound.internal().file.model().segments();
  std::set<format::SegmentKind> kinds;
  for (std::uint32_t i = 0; i < segments.size(); ++i) {
    const format::Segment& segment = *segments.Get(i);
    kinds.insert(segment.kind());
    // Opening reads dense weights, and sees that the zeros behind a row have changed, but not that a weight has.
    const std::uint64_t last = segment.kind() == format::SegmentKind::dense ? 1 : segment.size();
    for (const std::uint64_t byte : {std::uint64_t{0}, last / 2, last - 1}) {
      CAPTURE(i, byte);
      AlignedBytes damaged(file_of_all_kinds().bytes());
      damaged.data()[segment.offset() + byte] ^= std::byte{1};
      check_damaged(verified(damaged), "segments[" + std::to_string(i) + "] (" + EnumNameSegmentKind(segment.kind()) +
                                           ") does not match its hash");
    }
  }
  CHECK(kinds.size() == 4);
}

TEST_CASE("verify: one bit changed at the end of megabytes is found", "[format]") {
  converter::Network network = random_network({});
  item_table(network).source = random_tensor("item", 300'000, 8);
  const ModelFile file(network);
  CHECK(file.open().verify().ok());
  AlignedBytes damaged(file.bytes());
  damaged.data()[damaged.size() - 1] ^= std::byte{0x80};
  check_damaged(verified(damaged), "does not match its hash");
}

TEST_CASE("verify: bytes between segments that are not zero are found", "[format]") {
  const Model sound = file_of_all_kinds().open();
  const auto& segments = *sound.internal().file.model().segments();
  for (std::uint32_t i = 0; i < segments.size(); ++i) {
    CAPTURE(i);
    AlignedBytes damaged(file_of_all_kinds().bytes());
    damaged.data()[segments.Get(i)->offset() - 1] ^= std::byte{1};
    check_damaged(verified(damaged), "the bytes before segments[" + std::to_string(i) + "]");
  }
}

TEST_CASE("verify: a segment without a hash is of an older converter", "[format]") {
  ChangedModel old{Shape{}};
  CHECK(verified(old.file()).ok());
  old.metadata.segments.back()->hash = {};
  const Status status = verified(old.file());
  CHECK(status.code() == Code::unsupported);
  CHECK_THAT(status.message(), ContainsSubstring("has no hash"));
}

TEST_CASE("verify: a hash may be any number, zero too", "[format]") {
  ChangedModel model{Shape{}};
  model.metadata.segments.back()->hash = 0;
  check_damaged(verified(model.file()), "does not match its hash");
}

TEST_CASE("verify: the C API says what the C++ API says", "[format]") {
  AlignedBytes bytes(file_of_all_kinds().bytes());
  dinghy_model* model = nullptr;
  REQUIRE(dinghy_model_from_memory(bytes.data(), bytes.size(), &model, nullptr) == DINGHY_OK);
  dinghy_status status{};
  CHECK(dinghy_model_verify(model, &status) == DINGHY_OK);
  bytes.data()[bytes.size() - 1] ^= std::byte{1};
  CHECK(dinghy_model_verify(model, &status) == DINGHY_BAD_FILE);
  CHECK_THAT(status.message, ContainsSubstring("(table)"));
  CHECK(dinghy_model_verify(nullptr, &status) == DINGHY_INVALID_ARGUMENT);
  dinghy_model_free(model);
}

}  // namespace dinghy::tests
