#include "converter/model_file/writer.h"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <cmath>
#include <filesystem>

#include "converter/error.h"
#include "converter/model_file/tower_order.h"
#include "dinghy/model.h"
#include "schema/hash.h"
#include "schema/header.h"
#include "tests/converter/arithmetic_model.h"
#include "tests/converter/commands/command.h"
#include "tests/converter/memory_tensor.h"

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::MessageMatches;

namespace dinghy::converter {
namespace {

std::size_t files_in(const TemporaryFolder& folder) {
  std::size_t count = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(folder.path(""))) ++count;
  return count;
}

struct WrittenFile {
  std::string bytes;
  format::Header header = {};
  const format::Model* model = nullptr;

  explicit WrittenFile(const std::string& path) : bytes(read_file(path)) {
    REQUIRE(format::read_header(reinterpret_cast<const unsigned char*>(bytes.data()), header));
    const auto* metadata = reinterpret_cast<const std::uint8_t*>(bytes.data()) + header.header_size;
    flatbuffers::Verifier verifier(metadata, header.metadata_size);
    REQUIRE(format::VerifyModelBuffer(verifier));
    model = format::GetModel(metadata);
  }
};

WrittenFile write_and_read(const Network& network) {
  const TemporaryFolder folder;
  write_model(network, {}, {}, folder.path("m.dinghy"));
  return WrittenFile(folder.path("m.dinghy"));
}

}  // namespace

TEST_CASE("A written file begins with a header that states and hashes what follows", "[model_file]") {
  const WrittenFile file = write_and_read(arithmetic_network());
  CHECK(file.header.format_version == 1);
  CHECK(file.header.header_size == 64);
  CHECK(file.header.file_size == file.bytes.size());
  CHECK(file.header.metadata_hash == format::fnv1a64(file.bytes.data() + 64, file.header.metadata_size));
}

TEST_CASE("Segments are aligned to pages, in order, without overlap, zero between, and the last ends the file",
          "[model_file]") {
  const WrittenFile file = write_and_read(arithmetic_network());
  std::uint64_t end = 64 + file.header.metadata_size;
  for (const format::Segment* segment : *file.model->segments()) {
    CHECK(segment->offset() % 4096 == 0);
    REQUIRE(segment->offset() >= end);
    CHECK(segment->size() > 0);
    CHECK(file.bytes.find_first_not_of('\0', end) >= segment->offset());
    end = segment->offset() + segment->size();
  }
  CHECK(end == file.bytes.size());
}

TEST_CASE("Golden rows whose tolerance is negative or no number are refused when the file is opened", "[model_file]") {
  const TemporaryFolder folder;
  const std::string path = folder.path("m.dinghy"), rows = "{}\n";
  const double nan = std::nan(""), infinity = HUGE_VAL;
  for (const GoldenTolerance tolerance :
       {GoldenTolerance{nan, 1e-5}, GoldenTolerance{-1, 1e-5}, GoldenTolerance{1e-5, nan}, GoldenTolerance{1e-5, -1},
        GoldenTolerance{1e-5, infinity}}) {
    write_arithmetic_model(path, rows, tolerance);
    const Result<Model> model = Model::open(path.c_str());
    CAPTURE(tolerance.score, tolerance.attention);
    REQUIRE_FALSE(model.ok());
    CHECK_THAT(model.status().message(), ContainsSubstring("golden: a tolerance is negative or not finite"));
  }
  write_arithmetic_model(path, rows, {0, 1e-5});
  CHECK(Model::open(path.c_str()).ok());
}

TEST_CASE("Writing tells how many bytes of how many are there, up to the last", "[model_file]") {
  const TemporaryFolder folder;
  OutputFile out(folder.path("m.dinghy"));
  std::vector<std::uint64_t> steps;
  std::uint64_t total = 0;
  write_model(arithmetic_network(), {}, {}, out, [&](std::uint64_t written, std::uint64_t of) {
    steps.push_back(written);
    total = of;
  });
  REQUIRE(steps.size() >= arithmetic_network().tables.size());
  CHECK(std::ranges::is_sorted(steps));
  CHECK(total == out.size());
  CHECK(steps.back() == total);
}

TEST_CASE("Rows of dense tensors are padded with zeros to multiples of 16 floats", "[model_file]") {
  DenseSegment dense("model.npz");
  const PlacedTensor first = dense.add(Matrix{2, 3, {1, 2, 3, 4, 5, 6}}, "a");
  const PlacedTensor second = dense.add(Vector(17, 7.0), "b");
  CHECK(first.stride == 16);
  CHECK(second.offset == 128);
  CHECK(second.stride == 32);
  REQUIRE(dense.numbers().size() == 64);
  CHECK(dense.numbers()[16] == 4);
  CHECK(dense.numbers()[19] == 0);
  CHECK(dense.numbers()[48] == 7);
  CHECK(dense.numbers()[49] == 0);
}

TEST_CASE("A number that float32 cannot hold is an error that names layer, row and column", "[model_file]") {
  DenseSegment dense("model.npz");
  CHECK_THROWS_MATCHES(
      dense.add(Matrix{2, 2, {0, 0, 1e300, 0}}, "tower layer 0 weight"), Error,
      MessageMatches(ContainsSubstring("model.npz: tower layer 0 weight: the number in row 1, column 0")));
}

TEST_CASE("Tables that share rows in the checkpoint share them in the file", "[model_file]") {
  Network network = arithmetic_network();
  const std::size_t tables = network.tables.size();
  network.tables.push_back(network.tables[0]);
  const WrittenFile file = write_and_read(network);
  CHECK(file.model->tables()->Get(0)->segment() == file.model->tables()->Get(static_cast<unsigned>(tables))->segment());
  std::size_t table_segments = 0;
  for (const format::Segment* segment : *file.model->segments()) {
    table_segments += segment->kind() == format::SegmentKind::table ? 1 : 0;
  }
  CHECK(table_segments == tables);
}

TEST_CASE("Every key of a vocabulary is found within the probes that the file states", "[model_file]") {
  Vocabulary vocabulary;
  for (std::int64_t i = 0; i < 1000; ++i) vocabulary.int64_rows.emplace_back(i * 4096 - 7, 999 - i);
  const VocabularySegment segment = build_vocabulary(vocabulary);
  CHECK(segment.capacity == 2048);
  CHECK(segment.keys == 1000);
  std::uint32_t longest = 0;
  for (const auto& [key, row] : vocabulary.int64_rows) {
    const std::uint64_t hash = format::mix64(static_cast<std::uint64_t>(key));
    std::uint32_t probes = 0;
    format::Int64Slot slot;
    do {
      std::memcpy(&slot, segment.bytes.data() + ((hash + probes) & (segment.capacity - 1)) * sizeof(slot),
                  sizeof(slot));
      ++probes;
    } while (probes < segment.max_probes && slot.key != key);
    REQUIRE(slot.key == key);
    REQUIRE(slot.row_plus_one == row + 1);
    longest = std::max(longest, probes);
  }
  CHECK(longest == segment.max_probes);
}

TEST_CASE("A key that occurs twice in a vocabulary is an error", "[model_file]") {
  Vocabulary ids;
  ids.name = "item";
  ids.int64_rows = {{5, 0}, {7, 1}, {5, 2}};
  CHECK_THROWS_MATCHES(build_vocabulary(ids), Error, MessageMatches(ContainsSubstring("is there twice")));
  Vocabulary strings;
  strings.string_rows = {{"a", 0}, {"a", 1}};
  CHECK_THROWS_AS(build_vocabulary(strings), Error);
}

// The id whose mix64 is `hash`: every step of mix64 backwards.
std::int64_t id_with_hash(std::uint64_t hash) {
  const auto unshift = [](std::uint64_t x, int bits) {
    std::uint64_t y = x;
    for (int known = bits; known < 64; known += bits) y = x ^ y >> bits;
    return y;
  };
  hash = unshift(hash, 31) * 0x319642b2d24d8ec3u;  // the inverses of mix64's factors modulo 2^64
  hash = unshift(hash, 27) * 0x96de1b173f119089u;
  return static_cast<std::int64_t>(unshift(hash, 30));
}

TEST_CASE("Ids that all begin at one slot are an error before a lookup would take long", "[model_file]") {
  REQUIRE(format::mix64(static_cast<std::uint64_t>(id_with_hash(12345))) == 12345);
  Vocabulary ids;
  ids.name = "item";
  for (std::uint64_t i = 0; i < format::kMaxProbes; ++i) ids.int64_rows.emplace_back(id_with_hash(i << 32), i);
  CHECK(build_vocabulary(ids).max_probes == format::kMaxProbes);
  ids.int64_rows.emplace_back(id_with_hash(std::uint64_t{format::kMaxProbes} << 32), 0);
  CHECK_THROWS_MATCHES(build_vocabulary(ids), Error,
                       MessageMatches(ContainsSubstring("item: vocabulary: more ids than")));
}

TEST_CASE("The parts of the tower that need no candidate come first, with their rows", "[model_file]") {
  Network network;
  network.features = {Feature{}, Feature{}};
  network.features[0].role = format::Role::candidate;
  network.features[1].role = format::Role::user;
  network.tower_parts = {{{format::Source::feature, 0, 0, 1}, {}},
                         {{format::Source::feature, 1, 0, 2}, {}},
                         {{format::Source::history_sum, 0, 0, 1}, {}}};
  network.tower = {Layer{Matrix{4, 1, {1, 2, 3, 4}}, {}, {}}};
  move_user_parts_first(network);
  CHECK(network.tower_parts[0].operand.index == 1);
  CHECK(network.tower_parts[1].operand.source == format::Source::history_sum);
  CHECK(network.tower_parts[2].operand.source == format::Source::feature);
  CHECK(network.tower[0].weight.values == Vector{2, 3, 4, 1});
}

TEST_CASE("A table with a number that is not finite is an error that names row and column, and leaves no file",
          "[model_file]") {
  Network network = arithmetic_network();
  network.tables[0].source = memory_tensor("user_emb", {2, 2}, {1, 2, 3, std::nanf("")});
  const TemporaryFolder folder;
  Provenance provenance;
  provenance.checkpoint = "model.npz";
  CHECK_THROWS_MATCHES(write_model(network, provenance, {}, folder.path("m.dinghy")), Error,
                       MessageMatches(ContainsSubstring("model.npz: user_emb: row 1, column 1 is nan")));
  CHECK(files_in(folder) == 0);
}

}  // namespace dinghy::converter
