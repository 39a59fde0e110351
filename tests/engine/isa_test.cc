#include "dinghy/isa.h"

#include <catch2/catch_test_macros.hpp>
#include <set>
#include <string_view>

TEST_CASE("isas: the list ends with reference, which every machine can run", "[scoring]") {
  const auto isas = dinghy::isas();
  REQUIRE_FALSE(isas.empty());
  CHECK(std::string_view(isas.back().name) == "reference");
  CHECK(isas.back().available);
}

TEST_CASE("isas: every name stands there once", "[scoring]") {
  std::set<std::string_view> names;
  for (const dinghy::Isa& isa : dinghy::isas()) CHECK(names.insert(isa.name).second);
}
