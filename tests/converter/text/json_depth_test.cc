#include "converter/text/json_depth.h"

#include <catch2/catch_test_macros.hpp>

#include "converter/error.h"

namespace dinghy::converter {

TEST_CASE("JSON may nest 64 lists and objects, and no more; what stands in texts does not count", "[text]") {
  const auto nested = [](int depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  CHECK_NOTHROW(check_json_depth(nested(64), "a.json"));
  CHECK_THROWS_AS(check_json_depth(nested(65), "a.json"), Error);
  CHECK_THROWS_AS(check_json_depth(std::string(65, '{'), "a.json"), Error);
  std::string beside;
  for (int i = 0; i < 1000; ++i) beside += "[{}],";
  CHECK_NOTHROW(check_json_depth(beside, "a.json"));
  const std::string brackets(100, '[');
  CHECK_NOTHROW(check_json_depth("{\"a\\\\\\\"" + brackets + "\": 1}", "a.json"));
  CHECK_THROWS_AS(check_json_depth("{\"a\\\\\": " + brackets, "a.json"), Error);
  CHECK_NOTHROW(check_json_depth("]]]\"\\", "a.json"));
}

}  // namespace dinghy::converter
