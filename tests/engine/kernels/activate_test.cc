#include <catch2/catch_test_macros.hpp>
#include <cmath>
#include <limits>
#include <vector>

#include "engine/reference/layers.h"
#include "tests/engine/kernels/for_each_isa.h"
#include "tests/engine/random_numbers.h"

namespace dinghy::tests {
namespace {

using kernels::Activation;
using kernels::ActivationKind;

/// An activation with random vectors of `width`.
struct RandomActivation {
  std::vector<float> scale, shift, alpha;
  Activation activation;

  RandomActivation(ActivationKind kind, std::size_t width, Random& random)
      : scale(random.floats(width + 16, 3)), shift(random.floats(width + 16, 1)), alpha(random.floats(width + 16, 1)) {
    activation = {kind, 0.2f, 1e-3f, scale.data(), shift.data(), alpha.data()};
  }
};

constexpr ActivationKind kAll[] = {ActivationKind::identity, ActivationKind::relu,    ActivationKind::leaky_relu,
                                   ActivationKind::prelu,    ActivationKind::sigmoid, ActivationKind::tanh,
                                   ActivationKind::gate,     ActivationKind::row_gate};

void check_activation(const kernels::KernelTable& kernels, ActivationKind kind, std::size_t rows, std::size_t width,
                      double range) {
  CAPTURE(static_cast<int>(kind), rows, width, range);
  Random random(width * 31 + rows);
  const RandomActivation a(kind, width, random);
  const std::size_t ld = (width + 15) / 16 * 16;
  std::vector<float> y = random.floats(rows * ld, range);
  std::vector<double> expected(y.begin(), y.end());
  for (std::size_t r = 0; r < rows; ++r) reference::activate(a.activation, expected.data() + r * ld, width);
  kernels.activate(a.activation, y.data(), ld, rows, width);
  for (std::size_t r = 0; r < rows; ++r) {
    for (std::size_t i = r * ld; i < r * ld + width; ++i) {
      // Behind a gate the sigmoid's absolute error of 2e-7 and the error of its argument (s x + t, or the row's
      // statistics) are multiplied by x (1 - alpha), at most 2 x.
      const double slack = 4e-7 * (1 + 2 * range) + (kind == ActivationKind::row_gate ? 1e-6 * range : 0);
      if (!close(y[i], expected[i], 1, range, slack)) REQUIRE(static_cast<double>(y[i]) == expected[i]);
    }
  }
}

}  // namespace

TEST_CASE("activate: every activation agrees with double for every width remainder", "[kernels]") {
  for_each_isa([](const kernels::KernelTable& kernels) {
    for (const ActivationKind kind : kAll) {
      for (std::size_t width = 1; width <= 33; ++width) check_activation(kernels, kind, 3, width, 4);
      check_activation(kernels, kind, 24, 80, 30);
      check_activation(kernels, kind, 0, 80, 1);
    }
  });
}

TEST_CASE("activate: the sigmoid is within 4e-7 of exact from -100 to 100", "[kernels]") {
  for_each_isa([](const kernels::KernelTable& kernels) {
    std::vector<float> x;
    for (double v = -100; v <= 100; v += std::fabs(v) < 20 ? 0.001 : 0.1) x.push_back(static_cast<float>(v));
    x.resize((x.size() + 15) / 16 * 16);
    std::vector<float> y = x;
    kernels.activate({ActivationKind::sigmoid, 0, 0, nullptr, nullptr, nullptr}, y.data(), y.size(), 1, y.size());
    double worst = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
      worst = std::max(worst, std::fabs(static_cast<double>(y[i]) - reference::sigmoid(static_cast<double>(x[i]))));
    }
    CHECK(worst <= 4e-7);
  });
}

TEST_CASE("activate: infinities saturate the sigmoid and a NaN stays a NaN", "[kernels]") {
  for_each_isa([](const kernels::KernelTable& kernels) {
    const float inf = std::numeric_limits<float>::infinity();
    alignas(64) float x[16] = {inf,
                               -inf,
                               std::numeric_limits<float>::max(),
                               std::numeric_limits<float>::lowest(),
                               std::numeric_limits<float>::quiet_NaN(),
                               std::numeric_limits<float>::denorm_min()};
    kernels.activate({ActivationKind::sigmoid, 0, 0, nullptr, nullptr, nullptr}, x, 16, 1, 16);
    CHECK(std::fabs(x[0] - 1) <= 4e-7f);
    CHECK(std::fabs(x[1]) <= 4e-7f);
    CHECK(std::fabs(x[2] - 1) <= 4e-7f);
    CHECK(std::fabs(x[3]) <= 4e-7f);
    CHECK(std::isnan(x[4]));
    CHECK(std::fabs(x[5] - 0.5f) <= 4e-7f);
  });
}

}  // namespace dinghy::tests
