// The hash of segments against the values of the reference implementation (github.com/Cyan4973/xxHash, XXH64, seed 0).
#include "schema/xxh64.h"

#include <catch2/catch_test_macros.hpp>
#include <cstdint>
#include <string_view>
#include <vector>

namespace dinghy::format {
namespace {

std::uint64_t hash_of(std::string_view text) { return xxh64(std::as_bytes(std::span(text))); }

/// 0, 1, … 255, 0, …
std::vector<std::byte> counted(std::size_t size) {
  std::vector<std::byte> bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::byte>(i);
  return bytes;
}

}  // namespace

TEST_CASE("xxh64: texts have the hashes of the reference implementation", "[format]") {
  CHECK(hash_of("") == 0xef46db3751d8e999u);
  CHECK(hash_of("a") == 0xd24ec4f1a98c6e5bu);
  CHECK(hash_of("as") == 0x1c330fb2d66be179u);
  CHECK(hash_of("asd") == 0x631c37ce72a97393u);
  CHECK(hash_of("asdf") == 0x415872f599cea71eu);
  CHECK(hash_of("Nobody inspects the spammish repetition") == 0xfbcea83c8a378bf1u);
  CHECK(hash_of("Call me Ishmael. Some years ago--never mind how long precisely-") == 0x02a2e85470d6fd96u);
}

TEST_CASE("xxh64: whole and half stripes have the hashes of the reference implementation", "[format]") {
  struct {
    std::size_t size;
    std::uint64_t hash;
  } const known[] = {{31, 0xc346d2b59b4d8ee1u}, {32, 0xcbf59c5116ff32b4u}, {33, 0x0c535d1acafb8eadu},
                     {64, 0xf7c67301db6713f0u}, {95, 0x9ad76ac12bad59a0u}, {1000, 0x6ef436b00eba4078u}};
  for (const auto& [size, hash] : known) {
    CAPTURE(size);
    CHECK(xxh64(counted(size)) == hash);
  }
}

TEST_CASE("xxh64: bytes in pieces have the hash of all of them", "[format]") {
  const std::vector<std::byte> bytes = counted(200);
  const std::uint64_t whole = xxh64(bytes);
  for (std::size_t first = 0; first <= bytes.size(); ++first) {
    for (const std::size_t second : {0, 1, 31, 32, 40}) {
      const std::size_t end = first + second < bytes.size() ? first + second : bytes.size();
      Xxh64 hash;
      hash.add(std::span(bytes).first(first));
      hash.add(std::span(bytes).subspan(first, end - first));
      hash.add(std::span(bytes).subspan(end));
      REQUIRE(hash.digest() == whole);
    }
  }
}

}  // namespace dinghy::format
