// What the benchmarks of kernels share: one benchmark per ISA of this machine, multiply-adds against the ISA's peak.
#pragma once

#include <benchmark/benchmark.h>

#include <string>
#include <vector>

#include "engine/kernels/kernel_table.h"

namespace dinghy::bench {

using KernelBenchmark = void (*)(benchmark::State& state, const kernels::KernelTable& kernels);

/// Registers `function` as NAME/ISA for each ISA that this machine can run, `reference` excepted: it has no kernels.
/// Every name once, before main; `arguments` are a benchmark's `Args`, as many lists as there should be runs.
struct RegisterKernel {
  RegisterKernel(const char* name, KernelBenchmark function, std::vector<std::vector<std::int64_t>> arguments = {{}});
};

/// To be called before the loop: reports what an iteration does as the counters `MAC/s` and `peak`, the share of the
/// multiply-add peak that the ISA reaches in registers right now.
void count_multiply_adds(benchmark::State& state, const kernels::KernelTable& kernels, std::size_t multiply_adds);

/// Of kernels without multiply-adds worth counting: numbers per second.
void count_numbers(benchmark::State& state, std::size_t numbers);

/// `n` numbers near 0, all different, far from denormal.
std::vector<float> small_numbers(std::size_t n);

}  // namespace dinghy::bench
