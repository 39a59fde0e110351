#include "bench/dinghy_bench/times.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

namespace dinghy::bench {

double microseconds(Clock::time_point from, Clock::time_point to) {
  return std::chrono::duration<double, std::micro>(to - from).count();
}

Times::Times(std::vector<double> microseconds) : sorted_(std::move(microseconds)) {
  std::sort(sorted_.begin(), sorted_.end());
}

double Times::percentile(double share) const {
  if (sorted_.empty()) return 0;
  const double rank = std::ceil(share * static_cast<double>(sorted_.size()));
  return sorted_[static_cast<std::size_t>(std::max(rank, 1.0)) - 1];
}

double Times::sum() const { return std::accumulate(sorted_.begin(), sorted_.end(), 0.0); }

}  // namespace dinghy::bench
