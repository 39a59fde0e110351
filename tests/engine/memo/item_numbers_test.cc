#include "engine/memo/item_numbers.h"

#include <algorithm>
#include <atomic>
#include <catch2/catch_test_macros.hpp>
#include <cstring>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "tests/engine/memo/block.h"
#include "tests/engine/random_numbers.h"

namespace dinghy::tests {
namespace {

using memo::ItemNumbers, memo::kNone;
using Tuple = std::vector<std::uint64_t>;

memo::Shape shape_of(std::uint32_t items, std::uint32_t fields) {
  return {.fields = fields, .items = items, .layout = memo::Layout::dense, .bucket_bits = 0};
}

/// Like offsets of rows: few values a field, in steps.
Tuple drawn_tuple(Random& random, std::uint32_t fields, std::uint64_t values) {
  Tuple tuple(fields);
  for (std::uint64_t& word : tuple) word = 4096 + 64 * random.below(values);
  return tuple;
}

std::uint32_t find(const ItemNumbers& table, const Tuple& tuple) {
  std::uint32_t number = 0;
  table.find(tuple.data(), 1, &number);
  return number;
}

std::uint32_t find_or_insert(ItemNumbers& table, const Tuple& tuple) {
  std::uint32_t number = 0;
  table.find_or_insert(tuple.data(), 1, &number);
  return number;
}

}  // namespace

TEST_CASE("memo: items get the numbers that a map gives, until there are none", "[memo]") {
  Random random(1);
  for (const std::uint32_t items : {1U, 2U, 3U, 17U, 256U, 3000U}) {
    for (const std::uint32_t fields : {1U, 2U, 5U}) {
      Block block(ItemNumbers::bytes(items, fields));
      ItemNumbers table(shape_of(items, fields), block.data());
      std::map<Tuple, std::uint32_t> expected;
      for (std::uint32_t step = 0; step < 4 * items + 20; ++step) {
        const Tuple tuple = drawn_tuple(random, fields, fields == 1 ? 2 * items : 60);
        const auto known = expected.find(tuple);
        const std::uint32_t before = known == expected.end() ? kNone : known->second;
        REQUIRE(find(table, tuple) == before);
        const std::uint32_t number = find_or_insert(table, tuple);
        if (before != kNone || expected.size() == items) {
          REQUIRE(number == before);
        } else {
          REQUIRE(number == expected.size());
          expected[tuple] = number;
        }
        REQUIRE(table.size() == expected.size());
        std::uint32_t taken = 0;
        std::memcpy(&taken, block.data(), sizeof taken);
        REQUIRE(taken == expected.size());  // however many asked for one more
      }
      const ItemNumbers mapped(shape_of(items, fields), std::as_const(block).data());
      for (const auto& [tuple, number] : expected) {
        REQUIRE(find(mapped, tuple) == number);
        REQUIRE(std::equal(tuple.begin(), tuple.end(), mapped.tuple(number)));
      }
    }
  }
}

TEST_CASE("memo: an item whose hash meets another's has not its number", "[memo]") {
  constexpr std::uint32_t kItems = 1U << 16U;  // so that fifteen bits of the hash stand in a slot
  Block block(ItemNumbers::bytes(kItems, 2));
  ItemNumbers table(shape_of(kItems, 2), block.data());
  std::size_t wrong = 0, without = 0;
  for (std::uint64_t i = 0; i < kItems; ++i) without += find_or_insert(table, {64, i}) == kNone;
  CHECK(without == 0);
  for (std::uint64_t i = kItems; i < 10 * kItems; ++i) wrong += find(table, {64, i}) != kNone;
  CHECK(wrong == 0);
}

TEST_CASE("memo: a number behind the last is none", "[memo]") {
  Block block(ItemNumbers::bytes(5, 1));
  ItemNumbers table(shape_of(5, 1), block.data());
  const std::uint64_t tuple = 4096;
  REQUIRE(find_or_insert(table, {tuple}) == 0);
  for (std::size_t at = 64; at < 128; at += 4) {  // slots
    std::uint32_t slot = 0;
    std::memcpy(&slot, block.data() + at, sizeof slot);
    if (slot != 0) slot |= 7;
    std::memcpy(block.data() + at, &slot, sizeof slot);
  }
  std::memcpy(block.data() + 128 + 7 * sizeof tuple, &tuple, sizeof tuple);  // in what pads the tuples to a line
  CHECK(find(table, {tuple}) == kNone);
}

TEST_CASE("memo: a list of items gets what each gets alone", "[memo]") {
  Random random(2);
  Block block(ItemNumbers::bytes(500, 3));
  ItemNumbers table(shape_of(500, 3), block.data());
  for (const std::size_t count : {0U, 1U, 31U, 32U, 33U, 200U}) {
    std::vector<std::uint64_t> tuples;
    for (std::size_t i = 0; i < count; ++i) {
      const Tuple tuple = drawn_tuple(random, 3, 7);
      tuples.insert(tuples.end(), tuple.begin(), tuple.end());
    }
    std::vector<std::uint32_t> inserted(count), found(count);
    table.find_or_insert(tuples.data(), count, inserted.data());
    table.find(tuples.data(), count, found.data());
    CHECK(inserted == found);
    for (std::size_t i = 0; i < count; ++i) {
      CHECK(find(table, Tuple(&tuples[i * 3], &tuples[i * 3] + 3)) == found[i]);
    }
  }
}

TEST_CASE("memo: items in memory that may not be written are found, others not inserted", "[memo]") {
  Block block(ItemNumbers::bytes(10, 1));
  ItemNumbers table(shape_of(10, 1), block.data());
  CHECK(find_or_insert(table, {64}) == 0);
  const std::vector<std::byte> before(block.data(), block.data() + block.size());
  ItemNumbers mapped(shape_of(10, 1), std::as_const(block).data());
  CHECK(find_or_insert(mapped, {64}) == 0);
  CHECK(find_or_insert(mapped, {128}) == kNone);
  CHECK(std::equal(before.begin(), before.end(), block.data()));
}

TEST_CASE("memo: numbers from any bytes are numbers of the table", "[memo]") {
  Random random(3);
  for (const std::uint32_t items : {1U, 5U, 100U}) {
    Block block(ItemNumbers::bytes(items, 1));
    for (std::size_t i = 0; i < block.size(); ++i) block.data()[i] = static_cast<std::byte>(random.bits());
    ItemNumbers table(shape_of(items, 1), block.data());
    for (int i = 0; i < 1000; ++i) {
      const std::uint32_t number = find_or_insert(table, {random.below(2 * items)});
      CHECK((number == kNone || number < items));
    }
    CHECK(table.size() <= items);
  }
}

TEST_CASE("memo: eight threads agree on the number of every item", "[memo]") {
  constexpr std::uint32_t kItems = 2000, kThreads = 8;
  Block block(ItemNumbers::bytes(kItems, 2));
  ItemNumbers table(shape_of(kItems, 2), block.data());
  std::vector<std::vector<std::uint32_t>> seen(kThreads, std::vector<std::uint32_t>(kItems * 3 / 4));
  std::atomic<std::size_t> wrong{0};
  on_threads(kThreads, [&](std::size_t t) {
    for (std::size_t i = 0; i < seen[t].size(); ++i) {
      const std::size_t item = t % 2 == 0 ? i : seen[t].size() - 1 - i;
      const Tuple tuple = {item * 64, item % 7};
      seen[t][item] = find_or_insert(table, tuple);
      wrong += seen[t][item] != find(table, tuple);
      if (seen[t][item] != kNone) wrong += !std::equal(tuple.begin(), tuple.end(), table.tuple(seen[t][item]));
    }
  });
  CHECK(wrong == 0);
  std::set<std::uint32_t> numbers;
  for (std::size_t item = 0; item < seen[0].size(); ++item) {
    // A lost race wastes a number; one that found none left may have been before another thread's insertion.
    std::uint32_t number = find(table, {item * 64, item % 7});
    for (const auto& of_thread : seen) CHECK((of_thread[item] == number || of_thread[item] == kNone));
    if (number != kNone) CHECK(numbers.insert(number).second);
  }
  CHECK(numbers.size() <= table.size());
  CHECK(numbers.size() > kItems / 2);
}

}  // namespace dinghy::tests
