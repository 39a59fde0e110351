// Whether a number is one, told by its bits: a compiler that is told that there is no NaN removes std::isfinite().
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

// The bits alone do not help: `!(x > 0)`, which a NaN passes, becomes `x <= 0`, which it does not.
#if defined(__FAST_MATH__) || (defined(__FINITE_MATH_ONLY__) && __FINITE_MATH_ONLY__) || \
    defined(__ASSOCIATIVE_MATH__) || defined(__RECIPROCAL_MATH__) || defined(__NO_SIGNED_ZEROS__)
#error \
    "Dinghy refuses files and requests with NaN, and gives the same scores everywhere: compile it without -ffast-math"
#endif

namespace dinghy::format {

/// False for infinities and NaN.
constexpr bool is_finite(float number) noexcept {
  constexpr std::uint32_t kExponent = 0x7f800000;
  return (std::bit_cast<std::uint32_t>(number) & kExponent) != kExponent;
}

/// The same of all of an even count of numbers, two at a time: where an exponent has all its bits, one more carries
/// into the sign's place. Number by number it would be two thirds of opening a model.
inline bool all_finite(std::span<const float> numbers) noexcept {
  constexpr std::uint64_t kExponents = 0x7f80'0000'7f80'0000, kOne = 0x0080'0000'0080'0000,
                          kSigns = 0x8000'0000'8000'0000;
  std::uint64_t carried = 0;
  for (std::size_t i = 0; i < numbers.size(); i += 2) {
    std::uint64_t two;
    std::memcpy(&two, numbers.data() + i, sizeof two);
    carried |= (two & kExponents) + kOne;
  }
  return (carried & kSigns) == 0;
}

}  // namespace dinghy::format
