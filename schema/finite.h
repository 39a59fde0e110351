// Whether a number is one, told by its bits: a compiler that is told that there is no NaN removes std::isfinite().
#pragma once

#include <bit>
#include <cstdint>

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

}  // namespace dinghy::format
