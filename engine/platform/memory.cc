#include "engine/platform/memory.h"

#include <atomic>
#include <cstdint>

#include "dinghy/memory.h"

namespace dinghy {
namespace {

void* from_system(void*, std::size_t size, std::size_t alignment) { return platform::system_allocate(size, alignment); }
void to_system(void*, void* memory, std::size_t, std::size_t) { platform::system_release(memory); }

constexpr Allocator kSystem{from_system, to_system, nullptr};

constinit Allocator given{};
constinit std::atomic<bool> claimed{false};  // whose writer `given` has
// The first allocation, or set_allocator() before it, decides for good: whatever is released came from where it goes.
constinit std::atomic<const Allocator*> chosen{nullptr};

const Allocator& in_use() noexcept {
  const Allocator* now = chosen.load(std::memory_order_acquire);
  if (now != nullptr) return *now;
  return chosen.compare_exchange_strong(now, &kSystem, std::memory_order_acq_rel) ? kSystem : *now;
}

}  // namespace

Status set_allocator(const Allocator& allocator) noexcept {
  if (allocator.allocate == nullptr || allocator.release == nullptr) {
    return Status::error(Code::invalid_argument, "an allocator needs both allocate and release");
  }
  if (!claimed.exchange(true)) {
    given = allocator;
    const Allocator* none = nullptr;
    if (chosen.compare_exchange_strong(none, &given, std::memory_order_acq_rel)) return Status();
  }
  return Status::error(Code::invalid_argument, "the engine has its allocator already: set one once, before all else");
}

namespace platform {

void* allocate(std::size_t bytes, std::size_t alignment) noexcept {
  const Allocator& from = in_use();
  void* const memory = from.allocate(from.context, bytes, alignment);
  if (reinterpret_cast<std::uintptr_t>(memory) % alignment == 0) return memory;
  from.release(from.context, memory, bytes, alignment);  // kernels would fault on it
  return nullptr;
}

void release(void* memory, std::size_t bytes, std::size_t alignment) noexcept {
  if (memory == nullptr) return;
  const Allocator& to = in_use();
  to.release(to.context, memory, bytes, alignment);
}

}  // namespace platform
}  // namespace dinghy
