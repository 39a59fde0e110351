#include "bench/kernels/isa_benchmarks.h"

#include "bench/kernels/peak.h"
#include "dinghy/isa.h"
#include "engine/kernels/select.h"

namespace dinghy::bench {

RegisterKernel::RegisterKernel(const char* name, KernelBenchmark function,
                               std::vector<std::vector<std::int64_t>> arguments) {
  for (const Isa& isa : isas()) {
    kernels::Selection selection;
    if (!isa.available || !kernels::select(isa.name, selection).ok() || selection.simd == nullptr) continue;
    auto* registered =
        benchmark::RegisterBenchmark((std::string(name) + "/" + isa.name).c_str(), function, *selection.simd);
    for (const std::vector<std::int64_t>& values : arguments) {
      if (!values.empty()) registered->Args(values);
    }
  }
}

void count_multiply_adds(benchmark::State& state, const kernels::KernelTable& kernels, std::size_t multiply_adds) {
  using Counter = benchmark::Counter;
  const auto count = static_cast<double>(multiply_adds);
  state.counters["MAC/s"] = Counter(count, Counter::kIsIterationInvariantRate);
  state.counters["peak"] = Counter(count / peak(kernels.isa), Counter::kIsIterationInvariantRate);
}

void count_numbers(benchmark::State& state, std::size_t numbers) {
  state.counters["numbers/s"] =
      benchmark::Counter(static_cast<double>(numbers), benchmark::Counter::kIsIterationInvariantRate);
}

std::vector<float> small_numbers(std::size_t n) {
  std::vector<float> numbers(n);
  for (std::size_t i = 0; i < n; ++i) numbers[i] = static_cast<float>(i * 37 % 101) * 0.01f - 0.5f;
  return numbers;
}

}  // namespace dinghy::bench

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::RunSpecifiedBenchmarks();
}
