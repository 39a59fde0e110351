#include <catch2/catch_test_macros.hpp>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/network/lookup.h"
#include "schema/hash.h"
#include "tests/engine/random_network.h"
#include "tests/engine/random_numbers.h"
#include "tests/engine/vocabulary_network.h"

namespace dinghy::tests {
namespace {

using network::Lookup;
using network::Table;

/// Memory as Model::from_memory wants it; a sanitizer sees a read behind its last byte.
struct Freed {
  void operator()(void* memory) const { std::free(memory); }
};
using Memory = std::unique_ptr<std::byte, Freed>;

Memory aligned_copy(const std::vector<std::byte>& bytes) {
  void* memory = nullptr;
  REQUIRE(::posix_memalign(&memory, 64, bytes.size()) == 0);
  std::memcpy(memory, bytes.data(), bytes.size());
  return Memory(static_cast<std::byte*>(memory));
}

bool inside(const Table& table, const Lookup& found) {
  if (found.row == nullptr) return true;
  const std::ptrdiff_t offset = found.row - table.rows;
  return offset >= 0 && offset % table.row_stride == 0 &&
         static_cast<std::uint64_t>(offset / table.row_stride) < table.count;
}

/// Damages the vocabulary's segment in many ways; every lookup must still end, and give a row of the table or none.
template <class Key>
void check_hostile(const converter::Network& network, const std::vector<Key>& keys) {
  const ModelFile file(network);
  const std::vector<std::byte> sound = file.bytes();
  const Model undamaged = file.open();
  const format::Model& metadata = *format::GetModel(undamaged.metadata().data());
  const format::Segment& segment = *metadata.segments()->Get(metadata.vocabularies()->Get(0)->segment());
  REQUIRE(segment.kind() == format::SegmentKind::vocabulary);
  Random random(1);
  std::size_t changed = 0;
  for (int round = 0; round < 300; ++round) {
    std::vector<std::byte> bytes = sound;
    for (std::uint64_t i = 1 + random.below(200); i > 0; --i) {
      const std::uint64_t at = segment.offset() + random.below(segment.size());
      // All ones are the largest offset, length and row; zeros an empty slot.
      bytes[at] = std::byte{static_cast<unsigned char>(round % 3 == 0 ? 0xff : round % 3 == 1 ? 0 : random.bits())};
    }
    const Memory memory = aligned_copy(bytes);
    auto model = Model::from_memory({memory.get(), bytes.size()});
    REQUIRE(model.ok());
    const Table& table = items_of(*model);
    for (std::size_t row = 0; row < keys.size(); ++row) {
      const Lookup found = look_up(table, keys[row]);
      if (!inside(table, found)) FAIL("a lookup left the table");
      if (found.row != row_at(table, row)) ++changed;
    }
  }
  CHECK(changed > 0);
}

}  // namespace

TEST_CASE("lookup: a damaged vocabulary of integers never leads out of the table", "[network]") {
  std::vector<std::int64_t> keys;
  for (std::int64_t i = 0; i < kItems; ++i) keys.push_back(i * 1000003);
  check_hostile(network_with(numbered(keys)), keys);
}

TEST_CASE("lookup: a damaged vocabulary of strings never leads out of the table or the strings", "[network]") {
  const std::vector<std::string> keys = item_keys();
  check_hostile(network_with(numbered(keys)), std::vector<std::string_view>(keys.begin(), keys.end()));
}

TEST_CASE("lookup: slots without an empty one among them end the walk all the same", "[network]") {
  const ModelFile file(network_with(numbered(std::vector<std::int64_t>{1, 2, 3})));
  std::vector<std::byte> bytes = file.bytes();
  const Model sound = file.open();
  const format::Model& metadata = *format::GetModel(sound.metadata().data());
  const format::Vocabulary& vocabulary = *metadata.vocabularies()->Get(0);
  const format::Segment& segment = *metadata.segments()->Get(vocabulary.segment());
  const format::Int64Slot full{99, 1};
  for (std::uint64_t i = 0; i < vocabulary.capacity(); ++i) {
    std::memcpy(bytes.data() + segment.offset() + vocabulary.offset() + i * sizeof full, &full, sizeof full);
  }
  const Memory memory = aligned_copy(bytes);
  auto model = Model::from_memory({memory.get(), bytes.size()});
  REQUIRE(model.ok());
  CHECK(look_up(items_of(*model), std::int64_t{1}).missing);
  CHECK(look_up(items_of(*model), std::int64_t{99}).row == row_at(items_of(*model), 0));
}

}  // namespace dinghy::tests
