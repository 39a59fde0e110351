#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <cmath>
#include <limits>
#include <vector>

#include "engine/reference/layers.h"
#include "tests/engine/kernels/for_each_isa.h"
#include "tests/engine/random_numbers.h"

namespace dinghy::tests {
namespace {

constexpr std::size_t kLengths[] = {1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 50, 100, 257};

}  // namespace

TEST_CASE("output: the dot product of a row agrees with double, whatever lies behind the row", "[kernels]") {
  for_each_isa([](const kernels::KernelTable& kernels) {
    for (const std::size_t in : kLengths) {
      CAPTURE(in);
      Random random(in);
      std::vector<float> weight = random.floats(in + 16, 1);
      std::fill(weight.begin() + static_cast<std::ptrdiff_t>(in), weight.end(), 0.f);
      std::vector<float> x = random.floats(3 * in, 1);
      x.insert(x.end(), 16, std::numeric_limits<float>::quiet_NaN());
      std::vector<float> y(3);
      kernels.output({weight.data(), 0.25f, static_cast<std::uint32_t>(in), {}}, x.data(), in, 3, y.data());
      for (std::size_t r = 0; r < 3; ++r) {
        double expected = 0.25;
        for (std::size_t i = 0; i < in; ++i)
          expected += static_cast<double>(x[r * in + i]) * static_cast<double>(weight[i]);
        CHECK(close(y[r], expected, static_cast<double>(in + 1), 1));
      }
    }
  });
}

TEST_CASE("output: an activation behind the dot product is applied to every row", "[kernels]") {
  for_each_isa([](const kernels::KernelTable& kernels) {
    alignas(64) const float weight[16] = {2};
    const float x[3 + 15] = {-1, 0, 3};  // a kernel may read 15 numbers behind a row
    float y[3];
    kernels.output({weight, 0.5f, 1, {kernels::ActivationKind::sigmoid, 0, 0, nullptr, nullptr, nullptr}}, x, 1, 3, y);
    for (int r = 0; r < 3; ++r)
      CHECK(std::fabs(static_cast<double>(y[r]) - reference::sigmoid(2.0 * x[r] + 0.5)) <= 4e-7);
  });
}

TEST_CASE("maximum, exp_sum and scale: together they are a softmax that agrees with double", "[kernels]") {
  for_each_isa([](const kernels::KernelTable& kernels) {
    for (const std::size_t n : kLengths) {
      CAPTURE(n);
      Random random(n);
      std::vector<float> x = random.floats(n, 40);
      const std::vector<float> original = x;
      const float largest = kernels.maximum(x.data(), n);
      CHECK(largest == *std::max_element(original.begin(), original.end()));
      const float sum = kernels.exp_sum(x.data(), n, largest);
      double expected_sum = 0;
      for (const float v : original) expected_sum += std::exp(static_cast<double>(v) - static_cast<double>(largest));
      CHECK(close(sum, expected_sum, static_cast<double>(n), 1, 2e-7 * expected_sum));
      kernels.scale(x.data(), n, 1 / sum);
      for (std::size_t i = 0; i < n; ++i) {
        const double expected =
            std::exp(static_cast<double>(original[i]) - static_cast<double>(largest)) / expected_sum;
        // The difference of two numbers up to 40 is rounded to 5e-6, which is the relative error of its exponential.
        CHECK(std::fabs(static_cast<double>(x[i]) - expected) <= 6e-6 * expected);
      }
    }
  });
}

TEST_CASE("exp_sum: minus infinity has no share", "[kernels]") {
  for_each_isa([](const kernels::KernelTable& kernels) {
    const float inf = std::numeric_limits<float>::infinity();
    std::vector<float> x = {0, -inf, -1, -inf, -inf, -2, -inf, -inf, -inf, -3};
    const float sum = kernels.exp_sum(x.data(), x.size(), 0);
    CHECK(x[1] == 0);
    CHECK(x[8] == 0);
    CHECK(close(sum, 1 + std::exp(-1.0) + std::exp(-2.0) + std::exp(-3.0), 4, 1));
  });
}

TEST_CASE("multiply: writes n products and nothing else", "[kernels]") {
  for_each_isa([](const kernels::KernelTable& kernels) {
    for (const std::size_t n : kLengths) {
      Random random(n);
      const std::vector<float> a = random.floats(n, 3), b = random.floats(n, 3);
      std::vector<float> y(n + 1, 7);
      kernels.rows.multiply(a.data(), b.data(), n, y.data());
      for (std::size_t i = 0; i < n; ++i) CHECK(y[i] == a[i] * b[i]);
      CHECK(y[n] == 7);
    }
  });
}

TEST_CASE("probability: small click rates keep their relative accuracy", "[kernels]") {
  for_each_isa([](const kernels::KernelTable& kernels) {
    for (const std::size_t n : kLengths) {
      Random random(n);
      const std::vector<float> logits = random.floats(n, 30);
      std::vector<float> p = logits;
      kernels.rows.probability(p.data(), n);
      for (std::size_t i = 0; i < n; ++i) {
        const double expected = reference::sigmoid(static_cast<double>(logits[i]));
        CHECK(std::fabs(static_cast<double>(p[i]) - expected) <= 1e-6 * expected);
      }
    }
  });
}

TEST_CASE("probability: stays in [0, 1] for any logit", "[kernels]") {
  for_each_isa([](const kernels::KernelTable& kernels) {
    const float inf = std::numeric_limits<float>::infinity();
    float p[] = {inf, -inf, 1e30f, -1e30f, 88.5f, -88.5f, 120.f, -120.f, 0.f};
    kernels.rows.probability(p, 9);
    for (const float x : p) CHECK((x >= 0 && x <= 1));
    CHECK(p[0] == 1);
    CHECK(p[1] == 0);
    CHECK(p[8] == 0.5f);
  });
}

}  // namespace dinghy::tests
