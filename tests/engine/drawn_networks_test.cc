// Networks that draw every feature of the file format together with every other, in sizes at which the engine takes its
// short cuts. A short cut's condition is written once, for SIMD; `reference` does not know it.
#include <catch2/catch_test_macros.hpp>

#include "tests/engine/random_numbers.h"
#include "tests/fuzz/drawn_shape.h"
#include "tests/fuzz/isa_difference.h"

namespace dinghy::tests {
namespace {

constexpr std::uint64_t kNetworks = 1500;

Shape drawn_shape(std::uint64_t seed) {
  Random random(seed);
  return fuzz::draw_shape([&](std::uint32_t bound) { return static_cast<std::uint32_t>(random.below(bound)); });
}

}  // namespace

TEST_CASE("isas: drawn networks score on every ISA as by reference") {
  for (std::uint64_t seed = 1; seed <= kNetworks; ++seed) {
    const Shape shape = drawn_shape(seed);
    const ModelFile file(shape);
    const Model model = file.open();
    // Lengths and pages from which on the keys are planned (scoring/key_plan.cc), and now and then shorter ones.
    Random random(seed);
    fuzz::RequestShape request;
    request.candidates = static_cast<std::uint32_t>(random.below(4) == 0 ? random.below(4) : 4 + random.below(20));
    request.behaviors = static_cast<std::uint32_t>(random.below(4) == 0 ? random.below(16) : 16 + random.below(40));
    request.seed = seed;
    CAPTURE(seed, request.candidates, request.behaviors);
    REQUIRE(fuzz::isa_difference(shape, model, request) == "");
  }
}

}  // namespace dinghy::tests
