#include "engine/memory/arena.h"

#include <catch2/catch_test_macros.hpp>
#include <cstdint>

namespace dinghy::tests {
namespace {

constexpr std::uint64_t k2To31 = std::uint64_t{1} << 31;

TEST_CASE("arena: slots are zero-filled, aligned, and lie apart", "[memory]") {
  Arena arena;
  const Slot<char> first = arena.reserve<char>(1);
  const Slot<float> second = arena.reserve<float>(3, 5);
  REQUIRE(arena.allocate());
  CHECK(reinterpret_cast<std::uintptr_t>(arena.at(first)) % Arena::kAlignment == 0);
  CHECK(reinterpret_cast<const char*>(arena.at(second)) - arena.at(first) == Arena::kAlignment);
  for (int i = 0; i < 15; ++i) CHECK(arena.at(second)[i] == 0);
}

TEST_CASE("arena: a product beyond 32 bits is counted whole", "[memory]") {
  Arena arena;
  (void)arena.reserve<char>(k2To31, 1U << 20U);  // 0 in 32 bits
  CHECK((sizeof(void*) == 4 || arena.bytes() == (k2To31 << 20U) + Arena::kAlignment));
  if (sizeof(void*) == 4) CHECK_FALSE(arena.allocate());  // elsewhere a sanitizer's allocator would end the program
}

TEST_CASE("arena: products, sums and sizes that overflow get no memory", "[memory]") {
  const std::uint64_t most = UINT64_MAX;
  Arena product, size, sum, rounded;
  (void)product.reserve<char>(k2To31 << 2U, k2To31);
  CHECK_FALSE(product.allocate());
  (void)size.reserve<double>(most / 8 + 2);
  CHECK_FALSE(size.allocate());
  for (int i = 0; i < 5; ++i) (void)sum.reserve<char>(most / 4);
  CHECK_FALSE(sum.allocate());
  (void)rounded.reserve<char>(most);
  CHECK_FALSE(rounded.allocate());
}

}  // namespace
}  // namespace dinghy::tests
