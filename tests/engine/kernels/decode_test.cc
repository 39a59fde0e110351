#include <catch2/catch_test_macros.hpp>
#include <cmath>
#include <limits>
#include <vector>

#include "tests/engine/kernels/for_each_isa.h"
#include "tests/engine/random_numbers.h"

namespace dinghy::tests {
namespace {

using format::RowForm;

constexpr RowForm kForms[] = {RowForm::f32, RowForm::f16, RowForm::i8, RowForm::i8_half, RowForm::i4};

/// A row of any bytes but no NaN: finite halves, finite scale and bias.
std::vector<std::byte> random_row(RowForm form, std::size_t width, Random& random) {
  std::vector<std::byte> row(format::row_bytes(form, width));
  const auto put = [&](std::size_t at, auto x) { std::memcpy(row.data() + at, &x, sizeof x); };
  for (std::byte& b : row) b = static_cast<std::byte>(random.below(256));
  const auto half = [&] { return static_cast<std::uint16_t>(random.below(0x7c00) | random.below(2) << 15); };
  if (form == RowForm::f32) {
    for (std::size_t i = 0; i < width; ++i) put(4 * i, random.floats(1, 2)[0]);
  } else if (form == RowForm::f16) {
    for (std::size_t i = 0; i < width; ++i) put(2 * i, half());
  } else if (form == RowForm::i8) {
    put(width, random.floats(1, 0.01f)[0]);
    put(width + 4, random.floats(1, 1)[0]);
  } else {
    put(row.size() - 4, static_cast<std::uint16_t>(0x1c00 + random.below(0x400)));
    put(row.size() - 2, static_cast<std::uint16_t>(0x3800 + random.below(0x400)));
  }
  return row;
}

}  // namespace

TEST_CASE("decode: rows of every form and width agree with the scalar form, at any address, and write nothing behind",
          "[kernels]") {
  for_each_isa([](const kernels::KernelTable& kernels) {
    Random random(7);
    for (const RowForm form : kForms) {
      for (std::size_t width = 1; width <= 70; ++width) {
        const std::vector<std::byte> row = random_row(form, width, random);
        std::vector<std::byte> shifted(row.size() + 3);
        std::copy(row.begin(), row.end(), shifted.begin() + static_cast<std::ptrdiff_t>(width % 4));
        std::vector<float> expected(width), out(width + 1, 77);
        format::decode_row(form, row.data(), width, expected.data());
        kernels.rows.decode({shifted.data() + width % 4, form, static_cast<std::uint32_t>(width)}, out.data());
        CAPTURE(static_cast<int>(form), width);
        float slack = 0;  // f32 and f16 are exact; the others round the product too where nothing fuses it with the sum
        if (form != RowForm::f32 && form != RowForm::f16) {
          const format::RowScale scale = format::row_scale(form, row.data(), width);
          slack = 1.2e-7f * (std::fabs(scale.bias) + 255 * std::fabs(scale.scale));
        }
        for (std::size_t i = 0; i < width; ++i) REQUIRE(std::fabs(out[i] - expected[i]) <= slack);
        REQUIRE(out[width] == 77);
        kernels.rows.decode_add({row.data(), form, static_cast<std::uint32_t>(width)}, out.data());
        for (std::size_t i = 0; i < width; ++i) {
          REQUIRE(std::fabs(out[i] - 2 * expected[i]) <= 3 * slack);
        }
        REQUIRE(out[width] == 77);
      }
    }
  });
}

TEST_CASE("decode: every half becomes the number that it is, subnormal, infinite or not a number", "[kernels]") {
  for_each_isa([](const kernels::KernelTable& kernels) {
    std::vector<std::uint16_t> halves(65536);
    for (std::size_t i = 0; i < halves.size(); ++i) halves[i] = static_cast<std::uint16_t>(i);
    std::vector<float> out(halves.size());
    kernels.rows.decode({reinterpret_cast<const std::byte*>(halves.data()), RowForm::f16, 65536}, out.data());
    for (std::size_t i = 0; i < halves.size(); ++i) {
      CAPTURE(i);
      const int exponent = static_cast<int>(i >> 10 & 31), fraction = static_cast<int>(i & 1023);
      double expected = exponent == 0 ? std::ldexp(fraction, -24) : std::ldexp(1024 + fraction, exponent - 25);
      if (exponent == 31) expected = fraction == 0 ? std::numeric_limits<double>::infinity() : std::nan("");
      if (i & 0x8000) expected = -expected;
      REQUIRE((std::isnan(expected) ? std::isnan(out[i]) : static_cast<double>(out[i]) == expected));
    }
  });
}

}  // namespace dinghy::tests
