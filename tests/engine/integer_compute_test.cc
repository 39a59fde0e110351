// Models that compute their attention in integers (Model.compute), against `reference`, which does not.
#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <cmath>
#include <iterator>
#include <string_view>

#include "dinghy/isa.h"
#include "dinghy/scorer.h"
#include "tests/engine/random_network.h"
#include "tests/engine/request.h"

namespace dinghy::tests {
namespace {

/// Scores of every ISA within `tolerance` of `reference`, and those of small calls equal to those of the same network
/// in floats.
void check_compute(Shape shape, format::Compute compute, float tolerance) {
  const ModelFile in_floats(shape);
  shape.compute = compute;
  const ModelFile in_integers(shape);
  const Model model = in_integers.open(), floats = in_floats.open();
  for (const std::size_t history : {0u, 14u, 16u, 23u, 61u}) {
    for (const std::size_t candidates : {1u, 8u, 49u}) {
      for (const bool coarse : {false, true}) {
        CAPTURE(history, candidates, coarse);
        const Request request = random_request(model, candidates, history, history * 100 + candidates, coarse);
        const Scores expected = score(model, request, "reference");
        for (const Isa& isa : isas()) {
          if (!isa.available) continue;
          CAPTURE(isa.name);
          const Scores got = score(model, request, isa.name, Integers::always);
          float worst = 0;
          for (std::size_t n = 0; n < candidates; ++n) {
            worst = std::max(worst, std::fabs(got.scores[n] - expected.scores[n]));
          }
          CHECK(worst <= tolerance);
          if (candidates == 1 || history < 15) {
            CHECK(score(model, request, isa.name).scores == score(floats, request, isa.name).scores);
          }
        }
      }
    }
  }
}

void check_both(const Shape& shape) {
  check_compute(shape, format::Compute::int16, 2e-5f);
  check_compute(shape, format::Compute::int8, 5e-3f);
}

}  // namespace

TEST_CASE("integers: every ISA scores within the documented error of reference, and one candidate as in floats",
          "[scoring]") {
  check_both({});
  check_both({.field_widths = {64, 64}, .attention = {80, 40}, .seed = 3});
}

TEST_CASE("integers: any widths, layers, activations and normalizers", "[scoring]") {
  using format::ActivationKind;
  check_both({.field_widths = {7, 19}, .attention = {33}, .seed = 4});
  check_both({.field_widths = {3}, .attention = {40, 33, 20, 7}, .attention_activation = ActivationKind::sigmoid});
  check_both({.attention_activation = ActivationKind::prelu, .normalizer = format::Normalizer::raw, .seed = 6});
  check_both({.attention_activation = ActivationKind::row_gate, .query_layer = true, .two_interests = true, .seed = 7});
  check_both({.pads = format::Pads::attend, .pad_to = 70, .empty = format::EmptyHistory::pad_row, .seed = 8});
  check_both({.score = format::Score::dot, .seed = 9});
  check_both({.attention_activation = ActivationKind::prelu_position,
              .pad_to = 70,
              .max_length = 70,
              .positions = 70,
              .seed = 10});
}

TEST_CASE("integers: tables in f16, i8 and i4", "[scoring]") { check_both({.encoded = true, .seed = 11}); }

TEST_CASE("integers: the caller may have them always or never, whatever the size of a call", "[scoring]") {
  const Shape shape{.field_widths = {8, 8}, .attention = {16, 8}, .compute = format::Compute::int16, .seed = 13};
  Shape same = shape;
  same.compute = format::Compute::f32;
  const ModelFile integers(shape), floats(same);
  const Model a = integers.open(), b = floats.open();
  for (const std::size_t candidates : {1u, 30u}) {
    const Request request = random_request(a, candidates, 40, 5, false);
    const auto expected = score(b, request, "").scores;
    CHECK(score(a, request, "", Integers::when_faster).scores == expected);  // narrow keys
    CHECK(score(a, request, "", Integers::never).scores == expected);
    const auto got = score(a, request, "", Integers::always).scores;
    const auto scorer = Scorer::create(a, {.integers = Integers::always});
    REQUIRE(scorer.ok());
    CHECK((got != expected) == scorer->uses_integers());
    CHECK_FALSE(Scorer::create(a, {.integers = Integers::never})->uses_integers());
    CHECK_FALSE(Scorer::create(b, {.integers = Integers::always})->uses_integers());
    for (std::size_t n = 0; n < candidates; ++n) CHECK(std::fabs(got[n] - expected[n]) <= 2e-5f);
  }
}

TEST_CASE("integers: every ISA with products of bytes uses them, and a scorer says so", "[scoring]") {
  constexpr std::string_view kWithout[] = {"reference", "neon64", "neon32", "wasm_simd128"};
  const Shape shape{.field_widths = {16, 16}, .attention = {80, 40}, .compute = format::Compute::int8, .seed = 12};
  Shape same = shape;
  same.compute = format::Compute::f32;
  const ModelFile integers(shape), floats(same);
  const Model a = integers.open(), b = floats.open();
  const Request request = random_request(a, 30, 40, 5, false);
  for (const Isa& isa : isas()) {
    if (!isa.available) continue;
    CAPTURE(isa.name);
    const bool expected = std::ranges::find(kWithout, isa.name) == std::end(kWithout);
    const auto scorer = Scorer::create(a, {.isa = isa.name});
    REQUIRE(scorer.ok());
    CHECK(scorer->uses_integers() == expected);
    CHECK((score(a, request, isa.name).scores != score(b, request, isa.name).scores) == expected);
  }
}

}  // namespace dinghy::tests
