#include "bench/dinghy_bench/steps.h"

#include <array>
#include <chrono>

namespace dinghy::bench {
namespace {

using Clock = std::chrono::steady_clock;
using kernels::KernelTable;
using kernels::RowKernels;

enum StepIndex { kFold, kAttention, kSoftmax, kLayers, kRest, kStepCount };
constexpr const char* kNames[] = {"queries folded into the first layer", "local activation units", "softmax",
                                  "shared parts, pooling and tower", "rows found and gathered, and all else"};

const KernelTable* timed = nullptr;
std::array<Clock::duration, kStepCount> spent;

const KernelTable& part_of(const KernelTable& table, const KernelTable*) noexcept { return table; }
const RowKernels& part_of(const KernelTable& table, const RowKernels*) noexcept { return table.rows; }

/// Calls the kernel `kKernel` of the table that is timed, and books its time on `kStep`.
template <auto kKernel, StepIndex kStep>
struct Clocked;
template <class Table, class Result, class... Arguments, Result (*Table::*kKernel)(Arguments...) noexcept,
          StepIndex kStep>
struct Clocked<kKernel, kStep> {
  static Result call(Arguments... arguments) noexcept {
    struct Booking {
      Clock::time_point begin = Clock::now();
      ~Booking() { spent[kStep] += Clock::now() - begin; }
    } booking;
    return (part_of(*timed, static_cast<const Table*>(nullptr)).*kKernel)(arguments...);
  }
};

// Not clocked: a row takes less time than the clock, and is part of the last step.
void decode(const kernels::EncodedRow& row, float* out) noexcept { timed->rows.decode(row, out); }
void decode_add(const kernels::EncodedRow& row, float* out) noexcept { timed->rows.decode_add(row, out); }

constexpr KernelTable kClocked = {
    .isa = "clocked",
    .rows = {.multiply = Clocked<&RowKernels::multiply, kLayers>::call,
             .probability = Clocked<&RowKernels::probability, kLayers>::call,
             .decode = decode,
             .decode_add = decode_add},
    .product = Clocked<&KernelTable::product, kLayers>::call,
    .activate = Clocked<&KernelTable::activate, kLayers>::call,
    .output = Clocked<&KernelTable::output, kLayers>::call,
    .fold_query = Clocked<&KernelTable::fold_query, kFold>::call,
    .pair_product = Clocked<&KernelTable::pair_product, kAttention>::call,
    .attention_unit = Clocked<&KernelTable::attention_unit, kAttention>::call,
    .add_row = Clocked<&KernelTable::add_row, kLayers>::call,
    .maximum = Clocked<&KernelTable::maximum, kSoftmax>::call,
    .exp_sum = Clocked<&KernelTable::exp_sum, kSoftmax>::call,
    .scale = Clocked<&KernelTable::scale, kSoftmax>::call,
};

}  // namespace

std::vector<Step> measure_steps(Ranker& ranker, const std::vector<PreparedRequest>& requests, double seconds) {
  if (ranker.kernels() == nullptr) return {};
  timed = ranker.kernels();
  ranker.kernels() = &kClocked;
  const auto begin = Clock::now();
  const auto enough = std::chrono::duration<double>(seconds);
  auto fastest = Clock::duration::max();
  std::array<Clock::duration, kStepCount> its_steps{};
  for (std::size_t i = 0; i == 0 || Clock::now() - begin < enough; ++i) {
    const PreparedRequest& request = requests[i % requests.size()];
    spent = {};
    const auto start = Clock::now();
    ranker.set(request);
    ranker.score(request);
    const auto time = Clock::now() - start;
    if (time >= fastest) continue;
    fastest = time;
    its_steps = spent;
  }
  its_steps[kRest] = fastest;
  for (std::size_t step = 0; step < kRest; ++step) its_steps[kRest] -= its_steps[step];
  ranker.kernels() = timed;
  std::vector<Step> steps;
  for (std::size_t step = 0; step < kStepCount; ++step) {
    steps.push_back({kNames[step], std::chrono::duration<double, std::micro>(its_steps[step]).count()});
  }
  return steps;
}

}  // namespace dinghy::bench
