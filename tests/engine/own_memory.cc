#include "tests/engine/own_memory.h"

#include <cstdint>

#include "dinghy/dinghy.h"

namespace dinghy::tests {
namespace {

constexpr std::size_t kPool = std::size_t{64} << 20, kBlocks = 4096;

struct Block {
  unsigned char* begin;
  std::size_t size, alignment;
};

struct Pool {
  alignas(128) unsigned char bytes[kPool];
  std::size_t used = 0;
  Block blocks[kBlocks];
  PoolState state;
  std::size_t until_failure = 0;
  bool failed = false, misaligned = false;
};
Pool pool;

void* allocate(void* context, std::size_t size, std::size_t alignment) {
  auto& from = *static_cast<Pool*>(context);
  ++from.state.allocations;
  if (from.until_failure != 0 && --from.until_failure == 0) {
    from.failed = true;
    return nullptr;
  }
  // As aligned as asked for, and no more: an odd multiple.
  std::size_t offset = (from.used + 2 * alignment - 1) / (2 * alignment) * (2 * alignment) + alignment;
  if (from.misaligned) offset += 4;
  if (from.state.live_blocks == kBlocks || size > kPool || offset > kPool - size) return nullptr;
  from.used = offset + size;
  from.blocks[from.state.live_blocks++] = {from.bytes + offset, size, alignment};
  from.state.live_bytes += size;
  return from.bytes + offset;
}

void release(void* context, void* memory, std::size_t size, std::size_t alignment) {
  auto& to = *static_cast<Pool*>(context);
  for (std::size_t i = 0; i < to.state.live_blocks; ++i) {
    Block& block = to.blocks[i];
    if (block.begin != memory) continue;
    if (block.size != size || block.alignment != alignment) to.state.sound = false;
    to.state.live_bytes -= block.size;
    block = to.blocks[--to.state.live_blocks];
    if (to.state.live_blocks == 0) to.used = 0;
    return;
  }
  to.state.sound = false;
}

const bool installed = [] {
  const dinghy_allocator allocator{
      .struct_size = sizeof allocator, .allocate = allocate, .release = release, .context = &pool};
  return dinghy_set_allocator(&allocator, nullptr) == DINGHY_OK;
}();

}  // namespace

PoolState pool_state() noexcept { return pool.state; }
bool pool_is_installed() noexcept { return installed; }

void fail_pool(std::size_t n) noexcept {
  pool.until_failure = n;
  if (n != 0) pool.failed = false;
}
bool pool_has_failed() noexcept { return pool.failed; }

void misalign_pool(bool on) noexcept { pool.misaligned = on; }

}  // namespace dinghy::tests
