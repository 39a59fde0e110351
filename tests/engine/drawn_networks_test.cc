// Networks that draw every feature of the file format together with every other, in sizes at which the engine takes its
// short cuts. A short cut's condition is written once, for SIMD; `reference` does not know it.
#include <catch2/catch_test_macros.hpp>

#include "tests/engine/random_numbers.h"
#include "tests/fuzz/drawn_shape.h"
#include "tests/fuzz/isa_difference.h"
#include "tests/fuzz/page_difference.h"

namespace dinghy::tests {
namespace {

Shape drawn_shape(std::uint64_t seed) {
  Random random(seed);
  return fuzz::draw_shape([&](std::uint32_t bound) { return static_cast<std::uint32_t>(random.below(bound)); });
}

/// Lengths and pages from which on the keys are planned (scoring/key_plan.cc), and now and then shorter ones.
fuzz::RequestShape drawn_request(std::uint64_t seed) {
  Random random(seed);
  fuzz::RequestShape request;
  request.candidates = static_cast<std::uint32_t>(random.below(4) == 0 ? random.below(4) : 4 + random.below(20));
  request.behaviors = static_cast<std::uint32_t>(random.below(4) == 0 ? random.below(16) : 16 + random.below(40));
  request.seed = seed;
  return request;
}

void check_networks(std::uint64_t first, std::uint64_t last) {
  for (std::uint64_t seed = first; seed <= last; ++seed) {
    const Shape shape = drawn_shape(seed);
    const ModelFile file(shape);
    const Model model = file.open();
    CAPTURE(seed);
    REQUIRE(fuzz::isa_difference(shape, model, drawn_request(seed)) == "");
    REQUIRE(fuzz::page_difference(shape, drawn_request(seed)) == "");
  }
}

}  // namespace

TEST_CASE("isas: 200 drawn networks score as by reference, and alike in any page", "[scoring]") {
  check_networks(1, 200);
}

// Two seconds; where that becomes minutes, under emulators and sanitizers, the presets leave it out.
TEST_CASE("isas: 1300 more drawn networks score as by reference, and alike in any page", "[scoring][numbers]") {
  check_networks(201, 1500);
}

}  // namespace dinghy::tests
