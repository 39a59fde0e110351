// The multiply-add peak of one core: what an ISA reaches with operands in registers, the yardstick of "% of peak".
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace dinghy::bench {

/// A loop of independent multiply-adds, compiled with the flags of its ISA (cmake/isa.cmake).
struct PeakLoop {
  const char* isa;
  /// Returns the number of multiply-adds; `result` keeps the compiler from dropping them.
  std::uint64_t (*run)(std::uint64_t rounds, float* result) noexcept;
};

/// Multiply-adds per second, measured now for some milliseconds: clocks change, so measure beside what is compared.
/// 0 for an ISA without a loop (reference).
double peak(std::string_view isa);

}  // namespace dinghy::bench
