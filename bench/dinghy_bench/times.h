// Times of many calls.
#pragma once

#include <chrono>
#include <vector>

namespace dinghy::bench {

using Clock = std::chrono::steady_clock;

double microseconds(Clock::time_point from, Clock::time_point to);

/// Microseconds, in ascending order.
class Times {
 public:
  explicit Times(std::vector<double> microseconds);
  /// The nearest rank: the smallest time that `share` of all do not exceed. 0 without times.
  double percentile(double share) const;
  const std::vector<double>& sorted() const { return sorted_; }
  double sum() const;

 private:
  std::vector<double> sorted_;
};

}  // namespace dinghy::bench
