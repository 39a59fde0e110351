// What the operating system knows about this process: memory and page faults.
#pragma once

#include <cstdint>

namespace dinghy::bench {

/// Resident bytes: anonymous memory is the process's own, file pages can be dropped and read again.
struct Memory {
  std::int64_t anonymous = 0;
  std::int64_t file = 0;
};

/// From /proc/self/status; zeros where there is none.
Memory memory();

/// Since the process began. Major faults waited for the disk.
struct Faults {
  std::int64_t minor = 0;
  std::int64_t major = 0;
};

Faults faults();

}  // namespace dinghy::bench
