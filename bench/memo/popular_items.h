// Items, some of which are drawn more often than others.
#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

namespace dinghy::bench {

/// Draws items, each with a chance of its popularity ^ exponent.
class PopularItems {
 public:
  /// Of the popularities 1, 1/2, 1/3 … : Zipf's; an exponent of 0 draws all alike.
  PopularItems(std::size_t items, double exponent);
  PopularItems(const std::vector<double>& popularity, double exponent);

  std::int64_t draw(std::mt19937_64& bits) const;

 private:
  std::vector<double> sums_;
};

}  // namespace dinghy::bench
