// An allocator of the application's, as an embedded system has one: blocks of a pool of its own, nothing from malloc.
#pragma once

#include <cstddef>

namespace dinghy::tests {

struct PoolState {
  std::size_t allocations = 0;  // since the program began
  std::size_t live_blocks = 0;
  std::size_t live_bytes = 0;
  bool sound = true;  // every release named a live block, its size and its alignment
};

/// Of the pool that is the engine's allocator in this program, from before main() on.
PoolState pool_state() noexcept;
/// What set_allocator() said to that.
bool pool_is_installed() noexcept;

/// Lets the n-th allocation from now fail, once; 0 takes that back.
void fail_pool(std::size_t n) noexcept;
/// Whether one failed since.
bool pool_has_failed() noexcept;

/// Gives memory 4 bytes beside where it should be, until it is taken back.
void misalign_pool(bool on) noexcept;

}  // namespace dinghy::tests
