// Names with stars.
#include "converter/text/name_pattern.h"

#include <catch2/catch_test_macros.hpp>

namespace dinghy::converter {

TEST_CASE("text: a star in a pattern stands for any characters, or none", "[text]") {
  CHECK(matches("teacher.*", "teacher.weight"));
  CHECK(matches("teacher.*", "teacher."));
  CHECK(matches("*.bias", "a.b.bias"));
  CHECK(matches("a*b*c", "a-b-b-c"));
  CHECK(matches("*", ""));
  CHECK_FALSE(matches("teacher.*", "my_teacher.weight"));
  CHECK_FALSE(matches("*.bias", "a.bias_2"));
  CHECK_FALSE(matches("a*b*b", "a-b"));
  CHECK_FALSE(matches("a*a", "a"));
}

TEST_CASE("text: a pattern without a star is a name", "[text]") {
  CHECK(matches("w", "w"));
  CHECK_FALSE(matches("w", "ww"));
  CHECK_FALSE(is_pattern("layer[0].weight?"));
}

}  // namespace dinghy::converter
