#include "converter/text/quotes.h"

#include <catch2/catch_test_macros.hpp>

namespace dinghy::converter {

TEST_CASE("A quoted name keeps a message on one short line", "[text]") {
  CHECK(in_quotes("item") == "\"item\"");
  CHECK(in_quotes("a\"b\\c\n\x1b[1m") == "\"a\\\"b\\\\c\\u000a\\u001b[1m\"");
  CHECK(in_quotes(std::string(100, 'x')) == "\"" + std::string(60, 'x') + "…\"");
}

TEST_CASE("A JSON string holds the whole text", "[text]") {
  CHECK(json_string(std::string(100, 'x') + "\t\"") == "\"" + std::string(100, 'x') + "\\u0009\\\"\"");
}

}  // namespace dinghy::converter
