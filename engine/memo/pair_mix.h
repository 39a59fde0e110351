// Spreads pairs of numbers over a range of the same size.
#pragma once

#include <cstdint>

namespace dinghy::memo {

/// A bijection of the integers of 2 x `bits` bits, made of two numbers of `bits` bits each: pairs that differ become
/// integers that differ, and any of their bits choose a bucket well.
class PairMix {
 public:
  static constexpr std::uint64_t kFirst = 0x9e3779b97f4a7c15u, kSecond = 0xd6e8feb86659fd93u;  // odd

  explicit constexpr PairMix(std::uint32_t bits) noexcept : bits_(bits), mask_((std::uint64_t{1} << (2 * bits)) - 1) {}

  constexpr std::uint64_t operator()(std::uint32_t first, std::uint32_t second) const noexcept {
    std::uint64_t x = (std::uint64_t{first} << bits_ | second) * kFirst & mask_;
    x ^= x >> bits_;
    x = x * kSecond & mask_;
    return x ^ x >> bits_;
  }

 private:
  std::uint32_t bits_;
  std::uint64_t mask_;
};

}  // namespace dinghy::memo
