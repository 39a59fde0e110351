#include "engine/kernels/integer_kernels.h"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "engine/reference/layers.h"
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

/// A matrix in panels of sixteen columns, on cache lines.
class Panels {
 public:
  Panels(const std::vector<float>& matrix, std::size_t stride) : memory_(matrix.size() + 16) {
    const auto address = reinterpret_cast<std::uintptr_t>(memory_.data());
    begin_ = memory_.data() + (64 - address % 64) % 64 / sizeof(float);
    const std::size_t rows = matrix.size() / stride;
    for (std::size_t i = 0; i < matrix.size(); ++i) {
      begin_[(i % stride / 16 * rows + i / stride) * 16 + i % 16] = matrix[i];
    }
  }
  const float* begin() const { return begin_; }

 private:
  std::vector<float> memory_;
  float* begin_;
};

struct Fold {
  std::vector<std::int32_t> weight, sums;
  std::vector<float> scale;
};

/// The integers of keys_weight + diag(q) product_weight; zeros behind its rows make whole words.
Fold fold_query(const IntegerKernels& kernels, std::vector<float> keys_weight, std::vector<float> product_weight,
                std::vector<float> q, Digits digits, std::int32_t range, std::size_t stride) {
  const std::size_t words = kernels::words_of(digits, q.size()), per = kernels::per_word(digits);
  q.resize((q.size() + per - 1) / per * per);
  keys_weight.resize(q.size() * stride);
  product_weight.resize(q.size() * stride);
  Fold fold{std::vector<std::int32_t>(words * stride, 7), std::vector<std::int32_t>(stride, 7),
            std::vector<float>(stride, 7)};
  const Panels keys(keys_weight, stride), product(product_weight, stride);
  kernels.fold_query({.keys_weight = keys.begin(),
                      .product_weight = product.begin(),
                      .q = q.data(),
                      .rows = q.size(),
                      .digits = digits,
                      .range = range,
                      .words = words,
                      .stride = stride,
                      .weight = fold.weight.data(),
                      .sums = fold.sums.data(),
                      .scale = fold.scale.data()});
  return fold;
}

/// Quantizes integers and a fold of integers, and compares every sum with the one in 64 bits.
void check_sums(const IntegerKernels& kernels, Digits digits, IntegerRange range, std::size_t rows, std::size_t width,
                std::size_t out, bool extreme) {
  CAPTURE(static_cast<int>(digits), rows, width, out, extreme);
  Random random(rows * 1009 + width * 31 + out);
  const std::size_t words = kernels::words_of(digits, width), stride = padded(out);
  const std::vector<float> x = integer_rows(rows, width, padded(width), range.row, extreme, random);
  std::vector<float> weight(width * stride), ones(padded(width));
  for (std::size_t d = 0; d < width; ++d) {
    ones[d] = 1;
    for (std::size_t h = 0; h < out; ++h) {
      const float drawn = std::round(static_cast<float>(random.number(1)) * static_cast<float>(range.weight));
      const bool largest = extreme || d == 0;  // of every column, so that quantizing gives the integers back
      weight[d * stride + h] = largest ? static_cast<float>(h % 2 == 0 ? range.weight : -range.weight) : drawn;
    }
  }
  std::vector<std::int32_t> integers((rows + kernels::kAttentionBlock) * words + 16);
  std::vector<float> scale(rows + kernels::kAttentionBlock, 7);
  kernels.quantize(
      {x.data(), padded(width), rows, width, ones.data(), digits, range.row, integers.data(), words, scale.data()});
  for (std::size_t r = 0; r < rows; ++r) REQUIRE(scale[r] == 1);
  const std::vector<float> q(width, 3);
  const Fold fold = fold_query(kernels, weight, std::vector<float>(weight.size()), q, digits, range.weight, stride);
  // NEON divides in steps, and may end a unit in the last place away: the product gets the scale that is meant.
  for (std::size_t h = 0; h < out; ++h) REQUIRE(std::fabs(fold.scale[h] - 1) <= 2e-7f);

  const std::vector<float> factor(stride, 1), initial(stride, 0);
  std::vector<float> y((rows + kernels::kAttentionBlock) * stride, -1);
  kernels.product({.digits = digits,
                   .x = integers.data(),
                   .ldx = words,
                   .x_scale = scale.data(),
                   .rows = rows,
                   .weight = fold.weight.data(),
                   .stride = stride,
                   .out = out,
                   .scale = factor.data(),
                   .sums = fold.sums.data(),
                   .initial = {initial.data()},
                   .y = y.data()});
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

TEST_CASE("integers: each column of a fold has the scale of its own largest number", "[kernels]") {
  for_each_isa_with_integers([](const IntegerKernels& kernels) {
    for (const Digits digits : {Digits::int16, Digits::int8}) {
      constexpr std::size_t kWidth = 16, kStride = 32;
      constexpr std::int32_t kRange = 60;
      const std::size_t per = kernels::per_word(digits);
      const std::uint32_t bits = 32 / static_cast<std::uint32_t>(per);
      Random random(77);
      std::vector<float> keys = random.floats(kWidth * kStride, 3), product = random.floats(kWidth * kStride, 3);
      const std::vector<float> q = random.floats(kWidth, 2);
      for (std::size_t d = 0; d < kWidth; ++d) {
        keys[d * kStride + 5] = product[d * kStride + 5] = product[d * kStride + 6] = 0;
        keys[d * kStride + 6] = 1e-38f;
        if (d != 3) keys[d * kStride + 7] = product[d * kStride + 7] = 0;
      }
      const Fold fold = fold_query(kernels, keys, product, q, digits, kRange, kStride);
      for (std::size_t h = 0; h < kStride; ++h) {
        CAPTURE(h);
        float largest = 0;
        std::int32_t sum = 0;
        for (std::size_t d = 0; d < kWidth; ++d) {
          const float exact = std::fma(q[d], product[d * kStride + h], keys[d * kStride + h]);
          largest = std::max(largest, std::fabs(exact));
          const auto word = static_cast<std::uint32_t>(fold.weight[d / per * kStride + h]);
          const auto part = static_cast<std::uint32_t>(d % per);
          const auto integer = static_cast<std::int32_t>(word << (32 - bits * (part + 1))) >> (32 - bits);
          sum += integer;
          CHECK(std::fabs(static_cast<float>(integer) - (fold.scale[h] == 0 ? 0 : exact / fold.scale[h])) <= 0.501f);
        }
        CHECK(std::fabs(fold.scale[h] - (h == 5 || h == 6 ? 0 : largest / kRange)) <= 1e-6f * largest);
        if (digits == Digits::int8) CHECK(fold.sums[h] == sum);
      }
    }
  });
}

TEST_CASE("integers: what is not finite in a column of a fold changes no other column", "[kernels]") {
  for_each_isa_with_integers([](const IntegerKernels& kernels) {
    for (const Digits digits : {Digits::int16, Digits::int8}) {
      constexpr std::size_t kWidth = 16, kStride = 16;
      Random random(78);
      std::vector<float> keys = random.floats(kWidth * kStride, 3);
      const std::vector<float> product = random.floats(kWidth * kStride, 3), q = random.floats(kWidth, 1);
      const Fold before = fold_query(kernels, keys, product, q, digits, 60, kStride);
      keys[4 * kStride + 9] = std::numeric_limits<float>::infinity();
      keys[5 * kStride + 10] = std::numeric_limits<float>::quiet_NaN();
      const Fold then = fold_query(kernels, keys, product, q, digits, 60, kStride);
      for (std::size_t h = 0; h < kStride; ++h) {
        if (h == 9 || h == 10) continue;
        CHECK(then.scale[h] == before.scale[h]);
        if (digits == Digits::int8) CHECK(then.sums[h] == before.sums[h]);
        for (std::size_t i = h; i < then.weight.size(); i += kStride) CHECK(then.weight[i] == before.weight[i]);
      }
    }
  });
}

}  // namespace dinghy::tests
