#include "converter/presets/codes/python_literal.h"

#include <catch2/catch_test_macros.hpp>

namespace dinghy::converter {

TEST_CASE("Python's literals become JSON", "[presets]") {
  CHECK(json_of_python("[('item', 'category')]") == R"([["item","category"]])");
  CHECK(json_of_python("('item',)") == R"(["item"])");
  CHECK(json_of_python("{'a': True, 'b': None, 'c': [1, -2.5e-05], 'd': False}") ==
        R"({"a":true,"b":null,"c":[1,-2.5e-05],"d":false})");
  CHECK(json_of_python(R"(["it's", 'a "b"', 'c\\d'])") == R"(["it's","a \"b\"","c\\d"])");
}

TEST_CASE("What is no literal of Python gives nothing", "[presets]") {
  CHECK(json_of_python("['open") == std::nullopt);
  CHECK(json_of_python(R"(['tab\t'])") == std::nullopt);
  CHECK(json_of_python("[nan]") == std::nullopt);
  CHECK(json_of_python("<function f>") == std::nullopt);
}

}  // namespace dinghy::converter
