#include "engine/memo/pair_table.h"

#include <algorithm>
#include <atomic>
#include <bit>
#include <catch2/catch_test_macros.hpp>
#include <cstring>
#include <map>
#include <numeric>
#include <utility>
#include <vector>

#include "schema/hash.h"
#include "tests/engine/memo/block.h"
#include "tests/engine/random_numbers.h"

namespace dinghy::tests {
namespace {

using memo::kNone, memo::Layout, memo::PairMix, memo::PairTable, memo::Shape;

Shape shape_of(std::uint32_t items, Layout layout, std::uint32_t bucket_bits = 0) {
  return {.fields = 1, .items = items, .layout = layout, .bucket_bits = bucket_bits};
}

std::uint64_t bytes_of(const Shape& shape) { return memo::sizes_of(shape).value().pairs; }

/// Bits of no NaN, which say which pair they are of.
float logit_of(std::uint32_t query, std::uint32_t behavior) {
  const std::uint64_t bits = format::mix64(std::uint64_t{query} << 32U | behavior);
  return std::bit_cast<float>(static_cast<std::uint32_t>(bits) & 0xbfffffffu);
}

bool same_bits(float a, float b) { return std::bit_cast<std::uint32_t>(a) == std::bit_cast<std::uint32_t>(b); }

/// The pair that PairMix mixes to `mixed`.
std::pair<std::uint32_t, std::uint32_t> unmixed(std::uint32_t bits, std::uint64_t mixed) {
  const std::uint64_t mask = (std::uint64_t{1} << (2 * bits)) - 1;
  for (const std::uint64_t factor : {PairMix::kSecond, PairMix::kFirst}) {
    std::uint64_t inverse = factor;  // of the lowest 3 bits, by Newton's steps of 6, 12, 24, 48, 96
    for (int step = 0; step < 5; ++step) inverse *= 2 - factor * inverse;
    mixed = (mixed ^ mixed >> bits) * inverse & mask;
  }
  return {static_cast<std::uint32_t>(mixed >> bits), static_cast<std::uint32_t>(mixed & (mask >> bits))};
}

/// The tables that a test goes over: dense, and hashed from one bucket to more than there are pairs for.
std::vector<Shape> shapes() {
  return {shape_of(1, Layout::dense),
          shape_of(2, Layout::dense),
          shape_of(100, Layout::dense),
          shape_of(1, Layout::hashed, 0),
          shape_of(2, Layout::hashed, 2),
          shape_of(100, Layout::hashed, 0),
          shape_of(100, Layout::hashed, 3),
          shape_of(100, Layout::hashed, 14),
          shape_of(32768, Layout::hashed, 0),
          shape_of(65536, Layout::hashed, 1),
          shape_of(1U << 20U, Layout::hashed, 9)};
}

/// Finds a row of behaviours, some without number, inserts what is missing; the number of logits that are not the
/// pair's.
struct Caller {
  explicit Caller(PairTable of) : table(of) {}

  std::size_t row(Random& random, std::uint32_t items, std::size_t count) {
    const auto query = static_cast<std::uint32_t>(random.below(std::min(items, 300U)));
    behaviors.resize(count);
    for (auto& b : behaviors) {
      const auto n = static_cast<std::uint32_t>(random.below(std::min(items, 300U)));
      b = random.below(10) == 0 ? kNone : random.below(2) == 0 ? items - 1 - n : n;
    }
    logits.assign(count, 0.f);
    missing.resize(count);
    missing.resize(table.find(query, behaviors.data(), count, logits.data(), missing.data()));
    std::vector<bool> found(count, true);
    for (const std::uint32_t place : missing) found.at(place) = false;
    std::size_t wrong = !std::is_sorted(missing.begin(), missing.end());
    for (std::size_t i = 0; i < count; ++i) {
      const float logit = logit_of(query, behaviors[i]);
      wrong += found[i] && (behaviors[i] == kNone || !same_bits(logits[i], logit));
      logits[i] = logit;
    }
    hits += count - missing.size();
    const auto now = table.insert(query, behaviors.data(), missing.data(), missing.size(), logits.data());
    inserted += now.inserted;
    replaced += now.replaced;
    return wrong;
  }

  PairTable table;
  std::vector<std::uint32_t> behaviors, missing;
  std::vector<float> logits;
  std::size_t hits = 0, inserted = 0, replaced = 0;
};

}  // namespace

TEST_CASE("memo: a logit that is found is the pair's own, in every layout and size", "[memo]") {
  for (const Shape& shape : shapes()) {
    Random random(shape.items + shape.bucket_bits);
    Block block(bytes_of(shape));
    Caller caller(PairTable(shape, block.data()));
    std::size_t wrong = 0;
    for (std::size_t row = 0; row < 400; ++row) wrong += caller.row(random, shape.items, row % 300);
    CHECK(wrong == 0);
    CHECK((caller.hits > 0 || block.size() <= 128));  // a bucket or two among many thousand pairs
    CHECK((shape.layout == Layout::hashed || caller.replaced == 0));
    CHECK(caller.inserted - caller.replaced <= block.size() / (shape.layout == Layout::dense ? 4 : 8));
  }
}

TEST_CASE("memo: a dense table, or a hashed one with room, keeps every pair", "[memo]") {
  for (const Shape& shape : {shape_of(60, Layout::dense), shape_of(60, Layout::hashed, 12)}) {
    Block block(bytes_of(shape));
    PairTable table(shape, block.data());
    std::vector<std::uint32_t> row(60), places(60), missing(60);
    std::iota(row.begin(), row.end(), 0U);
    places = row;
    std::vector<float> logits(60), found(60);
    for (std::uint32_t q = 0; q < 60; ++q) {
      REQUIRE(table.find(q, row.data(), 60, found.data(), missing.data()) == 60);
      CHECK(missing == places);
      for (const std::uint32_t b : row) logits[b] = logit_of(q, b);
      REQUIRE(table.insert(q, row.data(), places.data(), 60, logits.data()).inserted == 60);
      REQUIRE(table.insert(q, row.data(), places.data(), 60, logits.data()).inserted == 0);
    }
    const PairTable mapped(shape, std::as_const(block).data());
    for (std::uint32_t q = 0; q < 60; ++q) {
      REQUIRE(mapped.find(q, row.data(), 60, found.data(), missing.data()) == 0);
      for (const std::uint32_t b : row) REQUIRE(same_bits(found[b], logit_of(q, b)));
    }
  }
}

TEST_CASE("memo: no pair is taken for another, all pairs of small tables", "[memo]") {
  for (const std::uint32_t items : {2U, 5U, 16U, 33U}) {
    for (std::uint32_t bucket_bits = 0; bucket_bits <= 4 && bucket_bits <= 2 * memo::number_bits(items);
         ++bucket_bits) {
      const Shape shape = shape_of(items, Layout::hashed, bucket_bits);
      std::vector<std::uint32_t> row(items), missing(items);
      std::iota(row.begin(), row.end(), 0U);
      for (std::uint32_t pair = 0; pair < items * items; ++pair) {
        Block block(bytes_of(shape));
        PairTable table(shape, block.data());
        const std::uint32_t query = pair / items, place = pair % items;
        std::vector<float> logits(items, 0.5f);
        table.insert(query, row.data(), &place, 1, logits.data());
        std::size_t found = 0;
        for (std::uint32_t q = 0; q < items; ++q) {
          found += items - table.find(q, row.data(), items, logits.data(), missing.data());
        }
        REQUIRE(found == 1);
      }
    }
  }
}

TEST_CASE("memo: a pair that differs in one mixed bit is another pair", "[memo]") {
  for (const auto& [number_bits, bucket_bits] :
       {std::pair{15U, 0U}, {16U, 1U}, {8U, 3U}, {17U, 4U}, {20U, 9U}, {1U, 2U}}) {
    const Shape shape = shape_of(1U << number_bits, Layout::hashed, bucket_bits);
    Random random(number_bits);
    for (std::uint32_t bit = 0; bit < 2 * number_bits; ++bit) {
      Block block(bytes_of(shape));
      PairTable table(shape, block.data());
      const auto query = static_cast<std::uint32_t>(random.below(shape.items));
      const auto behavior = static_cast<std::uint32_t>(random.below(shape.items));
      const std::uint32_t first = 0;
      float logit = 0.5f;
      REQUIRE(table.insert(query, &behavior, &first, 1, &logit).inserted == 1);
      const auto [a, b] = unmixed(number_bits, PairMix(number_bits)(query, behavior) ^ std::uint64_t{1} << bit);
      std::uint32_t missing = 0;
      CHECK(table.find(query, &behavior, 1, &logit, &missing) == 0);
      CHECK(table.find(a, &b, 1, &logit, &missing) == 1);
    }
  }
}

TEST_CASE("memo: a bucket holds eight pairs; one more takes the place of one", "[memo]") {
  const Shape shape = shape_of(16, Layout::hashed, 0);
  Block block(bytes_of(shape));
  PairTable table(shape, block.data());
  std::vector<std::uint32_t> row(16), missing(16);
  std::iota(row.begin(), row.end(), 0U);
  std::vector<float> logits(16, 0.5f);
  CHECK(table.insert(3, row.data(), row.data(), 8, logits.data()).replaced == 0);
  CHECK(table.find(3, row.data(), 8, logits.data(), missing.data()) == 0);
  for (std::uint32_t b = 8; b < 16; ++b) {
    const auto now = table.insert(3, row.data(), &row[b], 1, logits.data());
    CHECK(now.inserted == 1);
    CHECK(now.replaced == 1);
    CHECK(table.find(3, &row[b], 1, logits.data(), missing.data()) == 0);
    CHECK(table.find(3, row.data(), 16, logits.data(), missing.data()) == 8);
  }
}

TEST_CASE("memo: pairs are mixed one to one", "[memo]") {
  for (std::uint32_t bits = 1; bits <= 9; ++bits) {
    const PairMix mix(bits);
    std::vector<bool> taken(std::size_t{1} << (2 * bits));
    for (std::uint32_t a = 0; a < 1U << bits; ++a) {
      for (std::uint32_t b = 0; b < 1U << bits; ++b) {
        const std::uint64_t mixed = mix(a, b);
        REQUIRE(mixed < taken.size());
        REQUIRE_FALSE(taken[static_cast<std::size_t>(mixed)]);
        taken[static_cast<std::size_t>(mixed)] = true;
      }
    }
  }
  for (const std::uint32_t bits : {17U, 28U}) {
    Random random(bits);
    std::map<std::uint64_t, std::pair<std::uint32_t, std::uint32_t>> from;
    for (int i = 0; i < 20000; ++i) {
      const auto a = static_cast<std::uint32_t>(random.below(1U << bits));
      const auto b = static_cast<std::uint32_t>(random.below(1U << bits));
      CHECK(from.try_emplace(PairMix(bits)(a, b), a, b).first->second == std::pair(a, b));
    }
  }
}

TEST_CASE("memo: the logit whose bits mean empty is not stored, all others are", "[memo]") {
  const std::uint32_t patterns[] = {PairTable::kEmptyBits, 0, 0x80000000u, 0x7f800000u, 0x7fc00000u, 0xffffffffu};
  for (const Shape& shape : {shape_of(6, Layout::dense), shape_of(6, Layout::hashed, 4)}) {
    Block block(bytes_of(shape));
    PairTable table(shape, block.data());
    std::uint32_t row[6], missing[6];
    float logits[6], found[6];
    std::iota(row, row + 6, 0U);
    std::memcpy(logits, patterns, sizeof logits);
    CHECK(table.insert(3, row, row, 6, logits).inserted == (shape.layout == Layout::dense ? 5U : 6U));
    const std::size_t misses = table.find(3, row, 6, found, missing);
    CHECK(misses == (shape.layout == Layout::dense ? 1U : 0U));
    CHECK(std::memcmp(found + 1, patterns + 1, 5 * sizeof(float)) == 0);
  }
}

TEST_CASE("memo: items without number, as query or behaviour, have no logit", "[memo]") {
  for (const Shape& shape : {shape_of(6, Layout::dense), shape_of(6, Layout::hashed, 1)}) {
    Block block(bytes_of(shape));
    const Block empty(bytes_of(shape));
    PairTable table(shape, block.data());
    const std::uint32_t row[] = {kNone, 6, 7}, places[] = {0, 1, 2};
    std::uint32_t missing[3];
    float logits[] = {1, 2, 3};
    for (const std::uint32_t query : {0U, 5U, 6U, kNone}) {
      CHECK(table.insert(query, row, places, 3, logits).inserted == 0);
      CHECK(table.find(query, row, 3, logits, missing) == 3);
      CHECK(std::equal(missing, missing + 3, places));
    }
    for (const std::uint32_t query : {6U, kNone}) CHECK(table.insert(query, places, places, 3, logits).inserted == 0);
    CHECK(std::equal(empty.data(), empty.data() + empty.size(), block.data()));
    PairTable mapped(shape, empty.data());
    CHECK(mapped.insert(0, places, places, 3, logits).inserted == 0);
    CHECK(mapped.find(0, places, 3, logits, missing) == 3);
  }
}

TEST_CASE("memo: eight threads find the right logit of every pair", "[memo]") {
  for (const Shape& shape :
       {shape_of(300, Layout::dense), shape_of(300, Layout::hashed, 4), shape_of(300, Layout::hashed, 13)}) {
    Block block(bytes_of(shape));
    std::atomic<std::size_t> wrong{0}, hits{0};
    on_threads(8, [&](std::size_t t) {
      Random random(t / 2);  // two threads each go the same way
      Caller caller(PairTable(shape, block.data()));
      for (int row = 0; row < 200; ++row) wrong += caller.row(random, shape.items, 100);
      hits += caller.hits;
    });
    CHECK(wrong == 0);
    CHECK(hits > 0);
  }
}

}  // namespace dinghy::tests
