#include "schema/finite.h"

#include <catch2/catch_test_macros.hpp>
#include <cmath>

namespace dinghy::tests {

TEST_CASE("finite: told by the bits, for every exponent and both signs", "[format]") {
  for (std::uint32_t high = 0; high < 1u << 9; ++high) {  // sign and exponent
    for (const std::uint32_t fraction : {0u, 1u, 0x400000u, 0x7fffffu}) {
      const auto number = std::bit_cast<float>(high << 23 | fraction);
      CAPTURE(high, fraction);
      CHECK(format::is_finite(number) == (high % 256 != 255));
      CHECK(format::is_finite(number) == std::isfinite(number));
    }
  }
}

}  // namespace dinghy::tests
