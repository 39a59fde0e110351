// The floating-point settings of this thread, as a caller may have left them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace dinghy::tests {

/// Control and status of the units that the engine computes with, bit for bit.
struct FloatSettings {
  std::uint64_t control = 0;  // MXCSR, with its flags, or FPCR
  std::uint64_t status = 0;   // FPSR
  std::uint64_t x87 = 0;      // control and status word; on i386 alone, where code in C++ computes with it
  bool operator==(const FloatSettings&) const = default;

  static FloatSettings now() noexcept;
  void set() const noexcept;
};

struct NamedSettings {
  std::string name;
  FloatSettings settings;
};

/// Four rounding modes x exceptions masked or not x denormals kept or flushed, and all flags raised. The first is what
/// a process starts with.
std::vector<NamedSettings> all_float_settings();

}  // namespace dinghy::tests
