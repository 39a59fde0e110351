#include "converter/error.h"

#include <catch2/catch_test_macros.hpp>
#include <string>

TEST_CASE("an error names the place, then what is wrong") {
  const dinghy::converter::Error error("model.pth: data.pkl", "it ends early, save the checkpoint again");
  CHECK(std::string(error.what()) == "model.pth: data.pkl: it ends early, save the checkpoint again");
}
