// Small operations on vectors: those of softmax on the logits of 100 behaviours, the last layers, the probability.
#include <algorithm>

#include "bench/kernels/isa_benchmarks.h"

namespace dinghy::bench {
namespace {

constexpr std::size_t kCount = 100;

/// `step(kernels, x)` on the same vector again and again.
template <class Step>
void repeat(benchmark::State& state, Step step) {
  auto x = small_numbers(kCount);
  count_numbers(state, kCount);
  for (auto _ : state) {
    step(x);
    benchmark::DoNotOptimize(x.data());
    benchmark::ClobberMemory();
  }
}

void softmax(benchmark::State& state, const kernels::KernelTable& kernels) {
  repeat(state, [&](std::vector<float>& x) {
    const float sum = kernels.exp_sum(x.data(), kCount, kernels.maximum(x.data(), kCount));
    kernels.scale(x.data(), kCount, 1 / sum);
  });
}

void multiply(benchmark::State& state, const kernels::KernelTable& kernels) {
  const std::vector<float> ones(kCount, 1.0f);
  repeat(state, [&](std::vector<float>& x) { kernels.rows.multiply(x.data(), ones.data(), kCount, x.data()); });
}

void add_row(benchmark::State& state, const kernels::KernelTable& kernels) {
  constexpr std::size_t kStride = 80;
  const auto x = small_numbers(kCount * kStride), row = small_numbers(kStride);
  std::vector<float> y(x.size());
  count_numbers(state, x.size());
  for (auto _ : state) {
    kernels.add_row(x.data(), kCount, kStride, row.data(), y.data());
    benchmark::DoNotOptimize(y.data());
    benchmark::ClobberMemory();
  }
}

void probability(benchmark::State& state, const kernels::KernelTable& kernels) {
  repeat(state, [&](std::vector<float>& x) { kernels.rows.probability(x.data(), kCount); });
}

void output(benchmark::State& state, const kernels::KernelTable& kernels) {
  constexpr std::size_t kWidth = 40, kStride = 48;
  const auto rows = small_numbers(kCount * kStride);
  auto weight = small_numbers(kStride);
  std::fill(weight.begin() + kWidth, weight.end(), 0.f);
  const kernels::Output layer{weight.data(), 0.5f, kWidth, {}};
  std::vector<float> y(kCount);
  count_multiply_adds(state, kernels, kCount * kWidth);
  for (auto _ : state) {
    kernels.output(layer, rows.data(), kStride, kCount, y.data());
    benchmark::DoNotOptimize(y.data());
    benchmark::ClobberMemory();
  }
}

const RegisterKernel kSoftmax("softmax", &softmax);
const RegisterKernel kMultiply("multiply", &multiply);
const RegisterKernel kAddRow("add_row", &add_row);
const RegisterKernel kProbability("probability", &probability);
const RegisterKernel kOutput("output", &output);

}  // namespace
}  // namespace dinghy::bench
