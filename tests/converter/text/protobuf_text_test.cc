#include "converter/text/protobuf_text.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "converter/error.h"

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::MessageMatches;

namespace dinghy::converter {

TEST_CASE("A configuration in protobuf's text form is read without its schema", "[text]") {
  const ProtobufText text = parse_protobuf_text(
      "a: 5e-7 # b: 1\n m { n: 'x' \"y\\'\" } m: < n: [1, -2,3] >; list: [{ k: true }, { k: F }]", "p.config");
  CHECK(text.text("a") == "5e-7");
  CHECK(text.text("b", "none") == "none");
  REQUIRE(text.all("m").size() == 2);
  CHECK(text.text("m.n") == "xy'");
  REQUIRE(text.all("m")[1]->all("n").size() == 3);
  CHECK(text.all("m")[1]->all("n")[1]->value == "-2");
  REQUIRE(text.all("list").size() == 2);
  CHECK(text.all("list")[1]->text("k") == "F");
}

TEST_CASE("Characters that a configuration writes as numbers are read", "[text]") {
  CHECK(parse_protobuf_text("a: '\\035|\\x1d|\\0z'", "p.config").text("a") == std::string("\x1d|\x1d|\0z", 6));
}

TEST_CASE("What is no text of a protobuf is an error with its line", "[text]") {
  const auto refuses = [](const std::string& text, const std::string& message) {
    CHECK_THROWS_MATCHES(parse_protobuf_text(text, "p.config"), Error, MessageMatches(ContainsSubstring(message)));
  };
  refuses("a: 1\nm {", "line 2: no } at the end of a message");
  refuses("a 1", "neither ':' nor '{' behind a");
  refuses("a: 'x", "without its closing quote");
  refuses("a: 'x\\", "escape");
  refuses("a: '\\777'", "escape");
  refuses("a: '\\x", "escape");
  refuses("a: [1, ", "neither a name nor a value");
  refuses("}", "neither a name nor a value");
  std::string deep;
  for (int i = 0; i < 100000; ++i) deep += "m {";
  refuses(deep, "deeper than 64");
}

}  // namespace dinghy::converter
