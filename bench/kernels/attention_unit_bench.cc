// The local activation unit of one candidate over 100 behaviours: keys of 128 numbers, 80-40, sigmoid. On every ISA
// that this machine has; `MAC` counts the multiply-adds of both layers.
#include <benchmark/benchmark.h>

#include <array>
#include <string>
#include <vector>

#include "dinghy/isa.h"
#include "engine/kernels/select.h"

namespace dinghy {
namespace {

constexpr std::size_t kWidth = 128, kHistory = 100, kFirst = 80, kSecond = 40, kSecondStride = 48;

void attention_unit(benchmark::State& state, const kernels::KernelTable& table) {
  const std::vector<float> keys(kHistory * kWidth, 0.01f), fold(kWidth * kFirst, 0.02f), initial(kFirst, 0.1f);
  const std::vector<float> weight(kFirst * kSecondStride, 0.03f), bias(kSecondStride, 0.1f), last(kSecondStride, 0.2f);
  kernels::Activation sigmoid;
  sigmoid.kind = kernels::ActivationKind::sigmoid;
  const std::array<kernels::Layer, 2> hidden = {{{nullptr, nullptr, kWidth, kFirst, kFirst, sigmoid},
                                                 {weight.data(), bias.data(), kFirst, kSecond, kSecondStride, sigmoid}}};
  const kernels::Output output = {last.data(), 0.5f, kSecond, {}};
  std::vector<float> scratch(2 * kernels::kAttentionBlock * kFirst), logits(kHistory);
  const kernels::AttentionUnit unit = {keys.data(), kWidth, kHistory,          fold.data(), initial.data(), kWidth,
                                       hidden.data(), hidden.size(), &output, scratch.data(), logits.data()};
  for (auto _ : state) {
    table.attention_unit(unit);
    benchmark::DoNotOptimize(logits.data());
    benchmark::ClobberMemory();
  }
  state.counters["MAC"] = benchmark::Counter(static_cast<double>(kHistory * (kWidth * kFirst + kFirst * kSecond)),
                                             benchmark::Counter::kIsIterationInvariantRate);
}

}  // namespace
}  // namespace dinghy

int main(int argc, char** argv) {
  for (const dinghy::Isa& isa : dinghy::isas()) {
    dinghy::kernels::Selection selection;
    if (!isa.available || !dinghy::kernels::select(isa.name, selection).ok() || selection.simd == nullptr) continue;
    benchmark::RegisterBenchmark((std::string("attention_unit/") + isa.name).c_str(), dinghy::attention_unit,
                                 *selection.simd);
  }
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::RunSpecifiedBenchmarks();
}
