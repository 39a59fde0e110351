#include "converter/error.h"

#include <catch2/catch_test_macros.hpp>
#include <string>

TEST_CASE("an error names the place, then what is wrong", "[converter]") {
  const dinghy::converter::Error error("model.pth: data.pkl", "it ends early, save the checkpoint again");
  CHECK(std::string(error.what()) == "model.pth: data.pkl: it ends early, save the checkpoint again");
}

TEST_CASE("an error is one line without control characters, whatever names it holds", "[converter]") {
  const dinghy::converter::Error error("a\nb\x1b[2J.pth", "lacks \x7fkäse\r");
  CHECK(std::string(error.what()) == "a?b?[2J.pth: lacks ?käse?");
}
