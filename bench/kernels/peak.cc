#include "bench/kernels/peak.h"

#include <algorithm>
#include <chrono>

#include "bench/kernels/peak/loops.h"

namespace dinghy::bench {

double peak(std::string_view isa) {
  constexpr int kTries = 8;
  constexpr std::uint64_t kRounds = 20'000;  // about 50 us, less than what an interrupt leaves alone
  using Clock = std::chrono::steady_clock;
  double best = 0;
  for (const PeakLoop& loop : kPeakLoops) {
    if (loop.isa != isa) continue;
    float result;
    for (int i = 0; i < kTries; ++i) {
      const auto begin = Clock::now();
      const std::uint64_t done = loop.run(kRounds, &result);
      best = std::max(best, static_cast<double>(done) / std::chrono::duration<double>(Clock::now() - begin).count());
    }
  }
  return best;
}

}  // namespace dinghy::bench
