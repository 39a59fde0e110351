// Activations in place on a block of the attention's first layer, 24 x 80, small enough for the first-level cache.
#include "bench/kernels/isa_benchmarks.h"

namespace dinghy::bench {
namespace {

template <kernels::ActivationKind kKind>
void activate(benchmark::State& state, const kernels::KernelTable& kernels) {
  constexpr std::size_t kRows = kernels::kAttentionBlock, kColumns = 80;
  const auto vector = small_numbers(kColumns);
  // In place, again and again: with alpha = 1 the gates and PReLU keep their numbers, others would become denormal.
  const std::vector<float> alpha(kColumns, 1.0f);
  auto y = small_numbers(kRows * kColumns);
  const kernels::Activation activation{kKind, 0.2f, 1e-3f, vector.data(), vector.data(), alpha.data()};
  count_numbers(state, y.size());
  for (auto _ : state) {
    kernels.activate(activation, y.data(), kColumns, kRows, kColumns);
    benchmark::DoNotOptimize(y.data());
    benchmark::ClobberMemory();
  }
}

using enum kernels::ActivationKind;
const RegisterKernel kRelu("activate_relu", &activate<relu>);
const RegisterKernel kPrelu("activate_prelu", &activate<prelu>);
const RegisterKernel kSigmoid("activate_sigmoid", &activate<sigmoid>);
const RegisterKernel kTanh("activate_tanh", &activate<tanh>);
const RegisterKernel kDice("activate_dice", &activate<gate>);
const RegisterKernel kRowGate("activate_row_gate", &activate<row_gate>);

}  // namespace
}  // namespace dinghy::bench
