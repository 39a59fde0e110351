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

/// Scores of every ISA within `tolerance` of `reference`. Left to the engine, bytes are used in every call; 16 bits in
/// none, whose keys are narrow here, or in every one.
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
          const bool narrow = compute == format::Compute::int16 && shape.field_widths[0] < 48;
          CHECK(score(model, request, isa.name).scores ==
                (narrow ? score(floats, request, isa.name).scores : got.scores));
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

TEST_CASE("integers: every ISA scores within the documented error of reference, and alike in every call", "[scoring]") {
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

TEST_CASE("integers: columns may have any size, where the file says which", "[scoring]") {
  // One layer, and its logits as they are: the integers of keys and fold are all that rounds.
  converter::Network network = random_network({.field_widths = {16, 16},
                                               .attention = {},
                                               .normalizer = format::Normalizer::raw,
                                               .compute = format::Compute::int8,
                                               .seed = 14});
  const ModelFile alike(network);
  // A column of one power of two for each, out of the weights again: the attention is the same.
  converter::Matrix& weight = network.interests[0].layers[0].weight;
  const std::size_t width = weight.rows / 4;
  for (std::size_t f = 0, column = 0; f < network.interests[0].fields.size(); ++f) {
    converter::Table& table =
        network.tables[static_cast<std::size_t>(network.features[network.interests[0].fields[f].key].history_table)];
    const auto rows = static_cast<std::uint64_t>(table.source.shape[0]);
    const auto columns = static_cast<std::size_t>(table.source.shape[1]);
    std::vector<float> numbers(rows * columns);
    table.source.read_rows(0, rows, numbers);
    for (std::size_t i = 0; i < columns; ++i, ++column) {
      const double size = std::ldexp(1, static_cast<int>(i * 7 % 13) - 6);
      table.column_sizes.push_back(size);
      for (std::size_t r = 0; r < rows; ++r) numbers[r * columns + i] *= static_cast<float>(size);
      for (std::size_t h = 0; h < weight.cols; ++h) {
        for (std::size_t part = 0; part < 4; ++part) {
          weight.at(part * width + column, h) /= part == 3 ? size * size : size;
        }
      }
    }
    table.source = tensor_of(table.source.name, table.source.shape[0], table.source.shape[1], numbers);
  }
  const ModelFile sized(network);
  for (converter::Table& table : network.tables) table.column_sizes.clear();
  const ModelFile unsaid(network);
  const Model model = alike.open();
  const Request request = random_request(model, 9, 40, 6);
  const Scores expected = score(model, request, "reference");
  const auto farthest = [&](const ModelFile& file, const char* isa) {
    const Scores got = score(file.open(), request, isa, Integers::always);
    float most = 0;
    for (std::size_t i = 0; i < expected.attention.size(); ++i) {
      most = std::max(most, std::fabs(got.attention[i] - expected.attention[i]));
    }
    return most;
  };
  CHECK(farthest(sized, "reference") <= 1e-5f);
  for (const Isa& isa : isas()) {
    const auto scorer = Scorer::create(model, {.isa = isa.name});
    if (!isa.available || !scorer->uses_integers()) continue;
    CAPTURE(isa.name);
    const float off = farthest(alike, isa.name);
    CHECK(farthest(sized, isa.name) <= 1.5f * off);
    CHECK(farthest(unsaid, isa.name) > 2 * off);
  }
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
