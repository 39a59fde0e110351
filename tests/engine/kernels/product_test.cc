#include <catch2/catch_test_macros.hpp>
#include <vector>

#include "tests/engine/kernels/for_each_isa.h"
#include "tests/engine/random_numbers.h"

namespace dinghy::tests {
namespace {

std::size_t padded(std::size_t n) { return (n + 15) / 16 * 16; }

/// One product with rows and columns in rows longer than needed, x starting `misalignment` floats off a cache line.
/// Sums begin with one vector, with rows of a table, or with these and a vector.
void check_product(const kernels::KernelTable& kernels, std::size_t rows, std::size_t in, std::size_t out,
                   std::size_t misalignment) {
  CAPTURE(rows, in, out, misalignment);
  Random random(rows * 10007 + in * 101 + out);
  const std::size_t ldx = in + 3, ldw = padded(out), ldy = padded(out);
  const std::vector<float> x = random.floats(misalignment + rows * ldx + 1, 2);
  std::vector<float> weight = random.floats(in * ldw + 16, 1);
  constexpr std::size_t kTable = 3;
  const std::vector<float> initial = random.floats(kTable * ldw, 1), plus = random.floats(ldw, 1);
  std::vector<std::uint32_t> index(rows + 1);
  for (std::uint32_t& row : index) row = static_cast<std::uint32_t>(random.below(kTable));
  const bool has_table = (rows + out) % 3 > 0, has_plus = (rows + out) % 3 > 1;
  std::vector<float> y(rows * ldy + 16, std::numeric_limits<float>::quiet_NaN());
  const float guard = 12345;
  for (std::size_t i = rows * ldy; i < y.size(); ++i) y[i] = guard;
  const kernels::Initial begin{.row = initial.data(), .index = has_table ? index.data() : nullptr, .stride = ldw};
  kernels.product({.x = x.data() + misalignment,
                   .ldx = ldx,
                   .rows = rows,
                   .weight = weight.data(),
                   .ldw = ldw,
                   .in = in,
                   .out = out,
                   .initial = begin,
                   .y = y.data(),
                   .ldy = ldy,
                   .plus = has_plus ? plus.data() : nullptr});
  for (std::size_t r = 0; r < rows; ++r) {
    for (std::size_t o = 0; o < out; ++o) {
      double expected = static_cast<double>(initial[(has_table ? index[r] * ldw : 0) + o]);
      if (has_plus) expected += static_cast<double>(plus[o]);
      for (std::size_t i = 0; i < in; ++i) {
        expected += static_cast<double>(x[misalignment + r * ldx + i]) * static_cast<double>(weight[i * ldw + o]);
      }
      if (!close(y[r * ldy + o], expected, static_cast<double>(in + 2), 2)) {
        CAPTURE(r, o);
        REQUIRE(static_cast<double>(y[r * ldy + o]) == expected);
      }
    }
  }
  for (std::size_t i = rows * ldy; i < y.size(); ++i) REQUIRE(y[i] == guard);
}

}  // namespace

TEST_CASE("product: agrees with double for every tile remainder", "[kernels]") {
  for_each_isa([](const kernels::KernelTable& kernels) {
    for (std::size_t rows = 0; rows <= 26; ++rows) {
      for (const std::size_t out : {1u, 7u, 8u, 9u, 15u, 16u, 17u, 31u, 33u, 40u, 48u, 65u, 80u}) {
        check_product(kernels, rows, 5, out, rows % 4);
      }
    }
  });
}

TEST_CASE("product: agrees with double for every depth, also none", "[kernels]") {
  for_each_isa([](const kernels::KernelTable& kernels) {
    for (const std::size_t in : {0u, 1u, 2u, 3u, 16u, 17u, 127u, 128u, 513u}) check_product(kernels, 7, in, 40, 1);
  });
}

TEST_CASE("product: agrees with double for the shapes of DIN", "[kernels]") {
  for_each_isa([](const kernels::KernelTable& kernels) {
    check_product(kernels, 24, 128, 80, 0);
    check_product(kernels, 24, 80, 40, 0);
    check_product(kernels, 100, 36, 80, 2);
    check_product(kernels, 1, 162, 200, 3);
  });
}

}  // namespace dinghy::tests
