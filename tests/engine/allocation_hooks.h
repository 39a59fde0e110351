// Every allocation of the program, seen and, on request, refused. The file behind this header replaces the C library's
// allocator by one that counts and forwards; operator new in all its forms ends there too.
#pragma once

#include <cstddef>

namespace dinghy::tests {

struct AllocationCounts {
  std::size_t allocations = 0;
  std::size_t frees = 0;
  bool operator==(const AllocationCounts&) const = default;
};

/// Since the program began, of all threads.
AllocationCounts allocation_counts() noexcept;

/// Lets the n-th allocation from now fail, once; 0 takes that back.
void fail_allocation(std::size_t n) noexcept;

/// True when an allocation failed since fail_allocation().
bool allocation_has_failed() noexcept;

}  // namespace dinghy::tests
