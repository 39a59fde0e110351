// y = initial + x * weight; arguments: rows, inputs, outputs.
#include "bench/kernels/isa_benchmarks.h"

namespace dinghy::bench {
namespace {

void product(benchmark::State& state, const kernels::KernelTable& kernels) {
  const auto rows = static_cast<std::size_t>(state.range(0)), in = static_cast<std::size_t>(state.range(1));
  const auto out = static_cast<std::size_t>(state.range(2)), stride = (out + 15) / 16 * 16;
  const auto x = small_numbers(rows * in), weight = small_numbers(in * stride), initial = small_numbers(stride);
  std::vector<float> y(rows * stride);
  const kernels::Product product{.x = x.data(),
                                 .ldx = in,
                                 .rows = rows,
                                 .weight = weight.data(),
                                 .ldw = stride,
                                 .in = in,
                                 .out = out,
                                 .initial = {initial.data()},
                                 .y = y.data(),
                                 .ldy = stride};
  count_multiply_adds(state, kernels, rows * in * out);
  for (auto _ : state) {
    kernels.product(product);
    benchmark::DoNotOptimize(y.data());
    benchmark::ClobberMemory();
  }
}

// A block of the attention's two layers, the keys' and the candidates' projections, a tower, one candidate's tower.
const RegisterKernel kProduct("product", &product,
                              {{24, 128, 80}, {24, 80, 40}, {100, 128, 80}, {32, 256, 80}, {1, 72, 200}, {1, 200, 80}});

}  // namespace
}  // namespace dinghy::bench
