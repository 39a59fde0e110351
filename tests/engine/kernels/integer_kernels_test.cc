#include "engine/kernels/integer_kernels.h"

#include <catch2/catch_test_macros.hpp>
#include <vector>

#include "engine/kernels/reference/layers.h"
#include "tests/engine/kernels/for_each_isa.h"
#include "tests/engine/random_numbers.h"

namespace dinghy::tests {
namespace {

using kernels::Digits;
using kernels::IntegerKernels;
using kernels::IntegerRange;

std::size_t padded(std::size_t n) { return (n + 15) / 16 * 16; }

template <class F>
void for_each_isa_with_integers(F f) {
  for_each_selection([&](const kernels::Selection& selection) {
    if (selection.integers != nullptr) f(*selection.integers);
  });
}

/// Integers up to `range` in every row of x, and one of that magnitude, so that quantizing gives them back.
std::vector<float> integer_rows(std::size_t rows, std::size_t width, std::size_t stride, std::int32_t range,
                                bool extreme, Random& random) {
  std::vector<float> x((rows + 1) * stride);
  for (std::size_t r = 0; r < rows; ++r) {
    for (std::size_t c = 0; c < width; ++c) {
      const float drawn = std::round(static_cast<float>(random.number(1)) * static_cast<float>(range));
      x[r * stride + c] = extreme ? static_cast<float>(range) : drawn;
    }
    x[r * stride] = static_cast<float>(r % 2 == 0 ? range : -range);
  }
  return x;
}

/// Quantizes integers, folds a weight of integers, and compares every sum with the one in 64 bits.
void check_sums(const IntegerKernels& kernels, Digits digits, IntegerRange range, std::size_t rows, std::size_t width,
                std::size_t out, bool extreme) {
  CAPTURE(static_cast<int>(digits), rows, width, out, extreme);
  Random random(rows * 1009 + width * 31 + out);
  const std::size_t words = kernels::words_of(digits, width), numbers = words * kernels::per_word(digits);
  const std::size_t stride = padded(out);
  const std::vector<float> x = integer_rows(rows, width, padded(width), range.row, extreme, random);
  std::vector<float> weight(numbers * stride), zeros(numbers * stride), ones(padded(width));
  for (std::size_t d = 0; d < width; ++d) {
    ones[d] = 1;
    for (std::size_t h = 0; h < out; ++h) {
      const float drawn = std::round(static_cast<float>(random.number(1)) * static_cast<float>(range.weight));
      weight[d * stride + h] = extreme ? static_cast<float>(h % 2 == 0 ? range.weight : -range.weight) : drawn;
    }
  }
  std::vector<std::int32_t> integers((rows + kernels::kAttentionBlock) * words + 16), fold(words * stride),
      sums(stride);
  std::vector<float> scale(rows + kernels::kAttentionBlock, 7);
  kernels.quantize(
      {x.data(), padded(width), rows, width, ones.data(), digits, range.row, integers.data(), words, scale.data()});
  for (std::size_t r = 0; r < rows; ++r) REQUIRE(scale[r] == 1);
  const std::vector<float> q(numbers, 3);
  kernels.fold_query({weight.data(), zeros.data(), q.data(), digits, words, stride, fold.data(), sums.data()});

  const std::vector<float> factor(stride, 1), initial(stride, 0);
  std::vector<float> y((rows + kernels::kAttentionBlock) * stride, -1);
  kernels.product({digits,
                   integers.data(),
                   words,
                   scale.data(),
                   rows,
                   fold.data(),
                   stride,
                   out,
                   factor.data(),
                   sums.data(),
                   {initial.data()},
                   y.data()});
  for (std::size_t r = 0; r < rows; ++r) {
    for (std::size_t h = 0; h < out; ++h) {
      std::int64_t expected = 0;
      for (std::size_t d = 0; d < width; ++d) {
        expected +=
            static_cast<std::int64_t>(x[r * padded(width) + d]) * static_cast<std::int64_t>(weight[d * stride + h]);
      }
      REQUIRE(expected == static_cast<std::int32_t>(expected));
      if (y[r * stride + h] != static_cast<float>(static_cast<std::int32_t>(expected))) {
        CAPTURE(r, h);
        REQUIRE(static_cast<double>(y[r * stride + h]) == static_cast<double>(expected));
      }
    }
  }
}

}  // namespace

TEST_CASE("integers: sums are exact, for every number of rows, numbers and outputs around tiles and words",
          "[kernels]") {
  for_each_isa_with_integers([](const IntegerKernels& kernels) {
    for (const std::size_t width : {1u, 3u, 4u, 7u, 16u, 18u, 33u, 128u}) {
      for (const std::size_t rows : {1u, 3u, 4u, 5u, 8u, 23u, 24u}) {
        for (const std::size_t out : {1u, 16u, 40u, 80u}) {
          check_sums(kernels, Digits::int16, kernels::int16_range(width), rows, width, out, false);
          check_sums(kernels, Digits::int8, kernels.bytes, rows, width, out, false);
        }
      }
    }
  });
}

TEST_CASE("integers: the same ranges give the same sums on every ISA, bit for bit", "[kernels]") {
  IntegerRange common{127, 127};  // what every ISA's bytes can be; 16 bits have one range everywhere
  for_each_isa_with_integers([&](const IntegerKernels& kernels) {
    common = {std::min(common.row, kernels.bytes.row), std::min(common.weight, kernels.bytes.weight)};
  });
  for_each_isa_with_integers(
      [&](const IntegerKernels& kernels) { check_sums(kernels, Digits::int8, common, 24, 128, 80, false); });
}

TEST_CASE("integers: no sum saturates or overflows where every number is the largest", "[kernels]") {
  for_each_isa_with_integers([](const IntegerKernels& kernels) {
    for (const std::size_t width : {2u, 16u, 128u, 1000u}) {
      check_sums(kernels, Digits::int16, kernels::int16_range(width), 9, width, 17, true);
      check_sums(kernels, Digits::int8, kernels.bytes, 9, width, 17, true);
    }
  });
}

TEST_CASE("integers: a row of zeros or of almost nothing has scale 0 and integers 0", "[kernels]") {
  for_each_isa_with_integers([](const IntegerKernels& kernels) {
    for (const Digits digits : {Digits::int16, Digits::int8}) {
      std::vector<float> x(16, 0), scale(1 + kernels::kAttentionBlock, 5);
      x[3] = 1e-38f;
      std::vector<std::int32_t> words(kernels::words_of(digits, 16) + 16, -1);
      const std::vector<float> factor(16, 1);
      kernels.quantize({x.data(), 16, 1, 16, factor.data(), digits, 63, words.data(), words.size() - 16, scale.data()});
      CHECK(scale[0] == 0);
      for (std::size_t i = 1; i < kernels::words_of(digits, 16); ++i) CHECK(words[i] == words[0]);
    }
  });
}

TEST_CASE("integers: the rows of padding behind a tile's last have scale 0", "[kernels]") {
  for_each_isa_with_integers([](const IntegerKernels& kernels) {
    for (const Digits digits : {Digits::int16, Digits::int8}) {
      for (const std::size_t rows : {0u, 1u, 5u, 24u}) {
        std::vector<float> x(rows * 16 + 16, 1), scale(rows + kernels::kAttentionBlock + 1, 5);
        const std::size_t stride = kernels::words_of(digits, 16);
        std::vector<std::int32_t> words(rows * stride + 16);
        const std::vector<float> factor(16, 1);
        kernels.quantize({x.data(), 16, rows, 16, factor.data(), digits, 63, words.data(), stride, scale.data()});
        for (std::size_t r = 0; r < rows; ++r) CHECK(scale[r] == 1.f / 63);
        for (std::size_t r = rows; r < rows + kernels::kAttentionBlock; ++r) CHECK(scale[r] == 0);
        CHECK(scale[rows + kernels::kAttentionBlock] == 5);
      }
    }
  });
}

TEST_CASE("integers: what lies behind a row does not count where a factor says so", "[kernels]") {
  for_each_isa_with_integers([](const IntegerKernels& kernels) {
    std::vector<float> x(32, 1000), factor(16, 0), scale(1 + kernels::kAttentionBlock);
    for (std::size_t i = 0; i < 5; ++i) x[i] = static_cast<float>(i), factor[i] = 0.5f;
    std::vector<std::int32_t> words(kernels::words_of(Digits::int16, 5) + 16);
    kernels.quantize({x.data(), 16, 1, 5, factor.data(), Digits::int16, 4000, words.data(), 4, scale.data()});
    CHECK(scale[0] == 2.f / 4000);
    CHECK((words[0] & 0xffff) == 0);
    CHECK((words[0] >> 16) == 1000);
    CHECK((words[2] & 0xffff) == 4000);
    CHECK((words[2] >> 16) == 0);
    CHECK(words[3] == 0);
  });
}

TEST_CASE("integers: the largest of columns, the bound of a fold and a scaled weight are what they say", "[kernels]") {
  for_each_isa_with_integers([](const IntegerKernels& kernels) {
    constexpr std::size_t kWidth = 21, kRows = 5, kStride = 32;
    Random random(77);
    const auto x = random.floats(kRows * kWidth, 3), a = random.floats(kWidth * kStride, 1),
               b = random.floats(kWidth * kStride, 1);
    std::vector<float> largest(kWidth + 1, -5);
    kernels.column_largest(x.data(), kWidth, kRows, kWidth, largest.data());
    CHECK(largest[kWidth] == -5);
    const std::vector<float> query(kWidth, 2.f), column(kStride, 0.5f);
    std::vector<float> bound(kStride, 0.25f), scaled(kWidth * kStride);
    kernels.bound_fold(a.data(), b.data(), largest.data(), query.data(), kWidth, kStride, bound.data());
    kernels.scale_weight(a.data(), largest.data(), column.data(), kWidth, kStride, scaled.data());
    for (std::size_t c = 0; c < kWidth; ++c) {
      float expected = 0;
      for (std::size_t r = 0; r < kRows; ++r) expected = std::max(expected, std::fabs(x[r * kWidth + c]));
      CHECK(largest[c] == expected);
    }
    for (std::size_t h = 0; h < kStride; ++h) {
      float expected = 0.25f;
      for (std::size_t d = 0; d < kWidth; ++d) {
        expected = std::max(expected, largest[d] * (std::fabs(a[d * kStride + h]) + 2 * std::fabs(b[d * kStride + h])));
        CHECK(scaled[d * kStride + h] == largest[d] * a[d * kStride + h] * 0.5f);
      }
      CHECK(bound[h] == expected);
    }
  });
}

}  // namespace dinghy::tests
