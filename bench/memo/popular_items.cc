#include "bench/memo/popular_items.h"

#include <algorithm>
#include <cmath>

namespace dinghy::bench {
namespace {

std::vector<double> ranks(std::size_t items) {
  std::vector<double> popularity(items);
  for (std::size_t i = 0; i < items; ++i) popularity[i] = 1 / (static_cast<double>(i) + 1);
  return popularity;
}

}  // namespace

PopularItems::PopularItems(std::size_t items, double exponent) : PopularItems(ranks(items), exponent) {}

PopularItems::PopularItems(const std::vector<double>& popularity, double exponent) {
  double sum = 0;
  for (const double p : popularity) sums_.push_back(sum += std::pow(p, exponent));
}

std::int64_t PopularItems::draw(std::mt19937_64& bits) const {
  const double at = std::uniform_real_distribution<double>(0, sums_.back())(bits);
  const auto found = std::lower_bound(sums_.begin(), sums_.end(), at) - sums_.begin();
  return std::min(static_cast<std::int64_t>(found), static_cast<std::int64_t>(sums_.size()) - 1);
}

}  // namespace dinghy::bench
