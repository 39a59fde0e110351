#include "bench/dinghy_bench/sizes.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

namespace dinghy::bench {

TEST_CASE("A list of sizes holds numbers and ranges that double", "[bench]") {
  CHECK(parse_sizes("--history", "7") == std::vector<std::size_t>{7});
  CHECK(parse_sizes("--history", "1,10,100") == std::vector<std::size_t>{1, 10, 100});
  CHECK(parse_sizes("--history", "10..200") == std::vector<std::size_t>{10, 20, 40, 80, 160, 200});
  CHECK(parse_sizes("--history", "1,4..8") == std::vector<std::size_t>{1, 4, 8});
}

TEST_CASE("What is no list of sizes is an error that names the option", "[bench]") {
  for (const char* text : {"", "x", "1,", "5..", "9..3", "-1", "1.5", "99999999999999999999"}) {
    CAPTURE(text);
    CHECK_THROWS_WITH(parse_sizes("--history", text), Catch::Matchers::ContainsSubstring("--history"));
  }
}

}  // namespace dinghy::bench
