#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <numeric>
#include <utility>
#include <vector>

#include "engine/reference/layers.h"
#include "tests/engine/kernels/for_each_isa.h"
#include "tests/engine/random_numbers.h"

namespace dinghy::tests {
namespace {

using kernels::ActivationKind;
using kernels::Layer;

std::size_t padded(std::size_t n) { return (n + 15) / 16 * 16; }

/// A layer with random numbers, scaled so that activations stay near 1.
struct RandomLayer {
  std::vector<float> weight, bias, scale, shift, alpha;
  Layer layer;

  RandomLayer(std::size_t in, std::size_t out, ActivationKind kind, Random& random)
      : weight(in * padded(out)),
        bias(padded(out)),
        scale(random.floats(padded(out), 2)),
        shift(random.floats(padded(out), 1)),
        alpha(random.floats(padded(out), 0.5)) {
    for (std::size_t i = 0; i < in; ++i) {
      for (std::size_t o = 0; o < out; ++o) {
        weight[i * padded(out) + o] = static_cast<float>(random.number(1 / std::sqrt(static_cast<double>(in))));
      }
    }
    for (std::size_t o = 0; o < out; ++o) bias[o] = static_cast<float>(random.number(0.5));
    layer = {weight.data(),
             bias.data(),
             static_cast<std::uint32_t>(in),
             static_cast<std::uint32_t>(out),
             static_cast<std::uint32_t>(padded(out)),
             {kind, 0.1f, 1e-3f, scale.data(), shift.data(), alpha.data()}};
  }
};

void check_unit(const kernels::KernelTable& kernels, std::size_t rows, std::size_t width,
                const std::vector<std::size_t>& hidden, ActivationKind kind) {
  CAPTURE(rows, width, hidden.size(), static_cast<int>(kind));
  Random random(rows * 131 + width);
  std::vector<RandomLayer> layers;
  layers.reserve(hidden.size());
  std::size_t in = width, widest = 16;
  for (const std::size_t out : hidden) {
    layers.emplace_back(in, out, kind, random);
    in = out;
    widest = std::max(widest, padded(out));
  }
  std::vector<Layer> chain;
  for (const RandomLayer& layer : layers) chain.push_back(layer.layer);
  std::vector<float> weight = random.floats(padded(in), 1);
  for (std::size_t i = in; i < weight.size(); ++i) weight[i] = 0;
  const kernels::Output output{weight.data(), 0.125f, static_cast<std::uint32_t>(in), {}};
  const std::size_t ldk = width + 5;
  const std::vector<float> keys = random.floats(rows * ldk + 16, 1);
  std::vector<float> scratch(2 * kernels::kAttentionBlock * widest), logits(rows + 1, 99);
  kernels.attention_unit({keys.data(),
                          ldk,
                          rows,
                          chain[0].weight,
                          {chain[0].bias},
                          width,
                          chain.data(),
                          chain.size(),
                          &output,
                          scratch.data(),
                          logits.data()});
  std::vector<double> key(width), y(widest), spare(widest);
  for (std::size_t t = 0; t < rows; ++t) {
    for (std::size_t d = 0; d < width; ++d) key[d] = static_cast<double>(keys[t * ldk + d]);
    reference::run(chain.data(), chain.size(), key.data(), y.data(), spare.data());
    double expected = 0.125;
    for (std::size_t i = 0; i < in; ++i) expected += y[i] * static_cast<double>(weight[i]);
    if (!close(logits[t], expected, static_cast<double>(in + width), 2, 4e-6)) {
      CAPTURE(t);
      REQUIRE(static_cast<double>(logits[t]) == expected);
    }
  }
  CHECK(logits[rows] == 99);
}

}  // namespace

TEST_CASE("attention_unit: agrees with double layer by layer for every history length around a block", "[kernels]") {
  for_each_isa([](const kernels::KernelTable& kernels) {
    for (const std::size_t rows : {0u, 1u, 2u, 5u, 11u, 23u, 24u, 25u, 47u, 48u, 50u, 61u}) {
      check_unit(kernels, rows, 18, {80, 40}, ActivationKind::sigmoid);
      check_unit(kernels, rows, 7, {9, 5, 3}, ActivationKind::gate);
    }
  });
}

TEST_CASE("attention_unit: agrees with double for one to four layers of any width", "[kernels]") {
  for_each_isa([](const kernels::KernelTable& kernels) {
    check_unit(kernels, 30, 1, {1}, ActivationKind::gate);
    check_unit(kernels, 30, 33, {17}, ActivationKind::relu);
    check_unit(kernels, 30, 16, {64, 16}, ActivationKind::gate);
    check_unit(kernels, 30, 24, {40, 33, 20, 7}, ActivationKind::prelu);
    check_unit(kernels, 26, 8, {100, 130}, ActivationKind::row_gate);
  });
}

TEST_CASE("fold_query: keys_weight + diag(q) product_weight", "[kernels]") {
  for_each_isa([](const kernels::KernelTable& kernels) {
    for (const std::size_t width : {1u, 3u, 36u}) {
      for (const std::size_t stride : {16u, 80u}) {
        Random random(width + stride);
        const auto a = random.floats(width * stride, 1), b = random.floats(width * stride, 1),
                   q = random.floats(width, 2);
        std::vector<float> fold(width * stride + 1, 5);
        kernels.fold_query(a.data(), b.data(), q.data(), width, stride, fold.data());
        for (std::size_t i = 0; i < width * stride; ++i) {
          CHECK(close(fold[i],
                      static_cast<double>(a[i]) + static_cast<double>(q[i / stride]) * static_cast<double>(b[i]), 2,
                      1));
        }
        CHECK(fold[width * stride] == 5);
      }
    }
  });
}

TEST_CASE("pair_product: has the bits of folding each candidate", "[kernels]") {
  for_each_isa([](const kernels::KernelTable& kernels) {
    for (const std::size_t in : {1u, 7u, 36u}) {
      for (const std::size_t out : {1u, 16u, 40u, 80u}) {
        for (const std::size_t rows : {0u, 1u, 3u, 8u, 13u, 50u}) {
          CAPTURE(in, out, rows);
          const std::size_t stride = padded(out);
          Random random(in + 100 * out + rows);
          const auto a = random.floats(in * stride, 1), b = random.floats(in * stride, 1), k = random.floats(in, 2),
                     q = random.floats(rows * in + 1, 2), begin = random.floats(rows * stride + 1, 2);
          const std::vector<float> zeros(stride);
          std::vector<std::uint32_t> own_row(rows);
          std::iota(own_row.begin(), own_row.end(), 0u);
          std::vector<float> fold(in * stride), expected(stride), sums(rows * stride + 1, 5), added = begin;
          kernels::PairProduct pairs{.q = q.data(),
                                     .ldq = in,
                                     .rows = rows,
                                     .k = k.data(),
                                     .keys_weight = a.data(),
                                     .product_weight = b.data(),
                                     .ldw = stride,
                                     .in = in,
                                     .out = out,
                                     .initial = {zeros.data()},
                                     .y = sums.data(),
                                     .ldy = stride};
          kernels.pair_product(pairs);
          CHECK(sums[rows * stride] == 5);
          pairs.initial = {added.data(), own_row.data(), stride};
          pairs.y = added.data();
          kernels.pair_product(pairs);
          bool same = true;
          for (std::size_t r = 0; r < rows; ++r) {
            kernels.fold_query(a.data(), b.data(), q.data() + r * in, in, stride, fold.data());
            for (const auto& [from, got] : {std::pair{zeros.data(), &sums}, {begin.data() + r * stride, &added}}) {
              kernels.product({k.data(), in, 1, fold.data(), stride, in, out, {from}, expected.data(), stride});
              same = same && std::equal(expected.begin(), expected.begin() + static_cast<std::ptrdiff_t>(out),
                                        got->begin() + static_cast<std::ptrdiff_t>(r * stride));
            }
          }
          CHECK(same);
        }
      }
    }
  });
}

}  // namespace dinghy::tests
