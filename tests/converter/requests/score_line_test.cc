// The lines that `dinghy score` prints.
#include "converter/requests/score_line.h"

#include <catch2/catch_test_macros.hpp>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <random>

#include "converter/text/number_text.h"

namespace dinghy::converter {

TEST_CASE("A score line lists scores in order", "[requests]") {
  CHECK(score_line({.scores = {0.5f, 0.1f, 1e-20f}, .attention = {}}, false) == "{\"scores\": [0.5, 0.1, 1e-20]}\n");
  CHECK(score_line({.scores = {}, .attention = {}}, false) == "{\"scores\": []}\n");
}

TEST_CASE("Attention of one interest is a list over candidates of lists over behaviours", "[requests]") {
  CHECK(score_line({.scores = {0.5f, 0.25f}, .attention = {{0.25f, 0.75f, 1, 0}}}, true) ==
        "{\"scores\": [0.5, 0.25], \"attention\": [[0.25, 0.75], [1, 0]]}\n");
}

TEST_CASE("Attention of several interests is a list of those", "[requests]") {
  CHECK(score_line({.scores = {0.5f}, .attention = {{0.25f, 0.75f}, {1}}}, true) ==
        "{\"scores\": [0.5], \"attention\": [[[0.25, 0.75]], [[1]]]}\n");
}

TEST_CASE("Attention over an empty history is an empty list for each candidate", "[requests]") {
  CHECK(score_line({.scores = {0.5f, 0.5f}, .attention = {{}}}, true) ==
        "{\"scores\": [0.5, 0.5], \"attention\": [[], []]}\n");
  CHECK(score_line({.scores = {}, .attention = {{}}}, true) == "{\"scores\": [], \"attention\": []}\n");
}

TEST_CASE("Every finite float prints as text that reads back to the same float", "[requests]") {
  std::mt19937 random(11);
  const auto same = [](float number) {
    const float back = std::strtof(number_text(number).c_str(), nullptr);
    return std::memcmp(&back, &number, sizeof(float)) == 0;
  };
  CHECK(same(0.0f));
  CHECK(same(-0.0f));
  CHECK(same(std::numeric_limits<float>::max()));
  CHECK(same(std::numeric_limits<float>::denorm_min()));
  for (int i = 0; i < 100000; ++i) {
    const std::uint32_t bits = random();
    float number;
    std::memcpy(&number, &bits, sizeof(number));
    if (number - number != 0) continue;  // infinity, NaN
    REQUIRE(same(number));
  }
}

}  // namespace dinghy::converter
