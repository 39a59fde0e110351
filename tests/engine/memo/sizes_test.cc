#include "engine/memo/sizes.h"

#include <catch2/catch_test_macros.hpp>
#include <cstdint>

#include "engine/memo/item_numbers.h"
#include "engine/memo/pair_table.h"

namespace dinghy::tests {
namespace {

using memo::Layout, memo::Shape, memo::sizes_for, memo::sizes_of;

}  // namespace

TEST_CASE("memo: a catalogue whose pairs fit is dense, a byte less is hashed", "[memo]") {
  const auto dense = sizes_of(Shape{.fields = 2, .items = 3706, .layout = Layout::dense, .bucket_bits = 0});
  REQUIRE(dense);
  CHECK(dense->pairs >= std::uint64_t{3706} * 3706 * 4);
  const auto fits = sizes_for(dense->bytes(), 3706, 2);
  REQUIRE(fits);
  CHECK(fits->shape.layout == Layout::dense);
  CHECK(fits->shape.items == 3706);
  CHECK(fits->bytes() == dense->bytes());
  const auto less = sizes_for(dense->bytes() - 1, 3706, 2);
  REQUIRE(less);
  CHECK(less->shape.layout == Layout::hashed);
}

TEST_CASE("memo: no size takes more than its bytes, and more bytes are more entries", "[memo]") {
  for (const std::uint64_t items : {std::uint64_t{1}, std::uint64_t{3}, std::uint64_t{1000}, std::uint64_t{100000},
                                    std::uint64_t{1000000}, UINT64_MAX}) {
    for (const std::uint32_t fields : {1U, 2U, 5U, 4096U}) {
      const std::uint64_t least = memo::least_bytes(items, fields);
      REQUIRE(least > 0);
      CHECK_FALSE(sizes_for(least - 1, items, fields));
      std::uint64_t before = 0;
      for (std::uint64_t bytes = least; bytes < (1ull << 34U) && bytes < SIZE_MAX / 2; bytes += bytes / 3 + 1) {
        const auto sizes = sizes_for(bytes, items, fields);
        REQUIRE(sizes);
        CHECK(sizes->bytes() <= bytes);
        CHECK(sizes->numbers % 64 + sizes->pairs % 64 == 0);
        if (sizes->shape.layout == Layout::dense) break;
        CHECK(sizes->pairs >= before);
        CHECK(sizes->shape.items <= items);
        before = sizes->pairs;
      }
    }
  }
}

TEST_CASE("memo: impossible requests and shapes from elsewhere have no size", "[memo]") {
  CHECK_FALSE(sizes_for(0, 100, 2));
  CHECK_FALSE(sizes_for(UINT64_MAX, 0, 2));
  CHECK_FALSE(sizes_for(UINT64_MAX, 100, 0));
  CHECK_FALSE(sizes_for(UINT64_MAX, 100, UINT32_MAX));
  CHECK(memo::least_bytes(0, 1) == 0);
  CHECK(sizes_for(UINT64_MAX, UINT64_MAX, 1));
  const auto shape = [](std::uint32_t fields, std::uint32_t items, Layout layout, std::uint32_t bits) {
    return sizes_of(Shape{.fields = fields, .items = items, .layout = layout, .bucket_bits = bits}).has_value();
  };
  CHECK(shape(1, 1, Layout::dense, 0));
  CHECK_FALSE(shape(0, 1, Layout::dense, 0));
  CHECK_FALSE(shape(1, 0, Layout::dense, 0));
  CHECK_FALSE(shape(UINT32_MAX, 1, Layout::dense, 0));
  CHECK_FALSE(shape(1, UINT32_MAX, Layout::dense, 0));
  CHECK_FALSE(shape(1, 1, Layout::dense, 1));
  CHECK_FALSE(shape(1, 1, static_cast<Layout>(2), 0));
  CHECK_FALSE(shape(1, 1000, Layout::hashed, 63));
  CHECK_FALSE(shape(1, 4, Layout::hashed, 5));    // more buckets than pairs
  CHECK(shape(1, 1U << 15U, Layout::hashed, 0));  // 30 bits of a pair fit a word, 32 do not
  CHECK_FALSE(shape(1, (1U << 15U) + 1, Layout::hashed, 0));
  CHECK(shape(1, 1U << 16U, Layout::hashed, 1));
  if (sizeof(void*) == 4) CHECK_FALSE(shape(1, 1U << 16U, Layout::dense, 0));  // 16 GiB
}

}  // namespace dinghy::tests
