// Numbers that code stumbles over.
#pragma once

#include <cstdint>
#include <iterator>
#include <limits>

#include "tests/engine/random_numbers.h"

namespace dinghy::fuzz {

/// Of any type and size: bounds of types and of the format, numbers beside them, and sizes that cost something.
template <class Int>
Int odd_number(tests::Random& random) {
  constexpr std::uint64_t kOdd[] = {
      0,       1,       15,         16,         17,         255,         256,
      4095,    4096,    65535,      65536,      65537,      1 << 18,     1 << 20,
      1 << 22, 1 << 24, 0x7fffffff, 0x80000000, 0xffffffff, 0x100000000, 0x7fffffffffffffff};
  if (random.below(8) == 0)
    return static_cast<Int>(std::numeric_limits<Int>::max() - static_cast<Int>(random.below(2)));
  if (random.below(4) == 0) return static_cast<Int>(random.bits() >> random.below(64));
  const std::uint64_t number = kOdd[random.below(std::size(kOdd))];
  return static_cast<Int>(random.below(4) == 0 ? std::uint64_t{0} - number : number);
}

/// Mostly one that arithmetic stumbles over.
inline float odd_float(tests::Random& random) {
  using Limits = std::numeric_limits<float>;
  constexpr float kOdd[] = {0.f,
                            -0.f,
                            1.f,
                            -1.f,
                            Limits::quiet_NaN(),
                            Limits::infinity(),
                            -Limits::infinity(),
                            1e30f,
                            -1e30f,
                            Limits::max(),
                            Limits::lowest(),
                            Limits::min(),
                            Limits::denorm_min(),
                            1e-20f};
  return random.below(3) == 0 ? static_cast<float>(random.number(4)) : kOdd[random.below(std::size(kOdd))];
}

}  // namespace dinghy::fuzz
