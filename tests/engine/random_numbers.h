// Numbers for tests: the same on every machine and standard library.
#pragma once

#include <cstdint>
#include <vector>

namespace dinghy::tests {

class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed * 0x9e3779b97f4a7c15u + 1) {}

  std::uint64_t bits() {  // splitmix64
    std::uint64_t x = state_ += 0x9e3779b97f4a7c15u;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
  }
  std::uint64_t below(std::uint64_t n) { return bits() % n; }
  /// Uniform in [-range, range).
  double number(double range) { return (static_cast<double>(bits() >> 11) * 0x1p-52 - 1) * range; }
  std::vector<float> floats(std::size_t n, double range) {
    std::vector<float> x(n);
    for (float& v : x) v = static_cast<float>(number(range));
    return x;
  }
  std::vector<double> doubles(std::size_t n, double range) {
    std::vector<double> x(n);
    for (double& v : x) v = number(range);
    return x;
  }

 private:
  std::uint64_t state_;
};

}  // namespace dinghy::tests
