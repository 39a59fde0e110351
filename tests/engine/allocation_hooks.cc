#include "tests/engine/allocation_hooks.h"

#include <atomic>
#include <cerrno>
#include <cstdlib>

// glibc's allocator under the names that it keeps for programs that replace malloc.
extern "C" {
void* __libc_malloc(std::size_t size);
void* __libc_calloc(std::size_t count, std::size_t size);
void* __libc_realloc(void* memory, std::size_t size);
void* __libc_memalign(std::size_t alignment, std::size_t size);
void __libc_free(void* memory);
}

namespace dinghy::tests {
namespace {

std::atomic<std::size_t> allocations{0}, frees{0}, until_failure{0};
std::atomic<bool> failed{false};

/// Counts one allocation; true when it has to fail.
bool refuse() noexcept {
  if (until_failure != 0 && --until_failure == 0) {
    failed = true;
    errno = ENOMEM;
    return true;
  }
  ++allocations;
  return false;
}

}  // namespace

AllocationCounts allocation_counts() noexcept { return {allocations, frees}; }

void fail_allocation(std::size_t n) noexcept {
  until_failure = n;
  if (n != 0) failed = false;
}

bool allocation_has_failed() noexcept { return failed; }

}  // namespace dinghy::tests

using dinghy::tests::frees;
using dinghy::tests::refuse;

extern "C" {

void* malloc(std::size_t size) noexcept { return refuse() ? nullptr : __libc_malloc(size); }

void* calloc(std::size_t count, std::size_t size) noexcept { return refuse() ? nullptr : __libc_calloc(count, size); }

void* realloc(void* memory, std::size_t size) noexcept {
  if (refuse()) return nullptr;
  if (memory != nullptr) ++frees;
  return __libc_realloc(memory, size);
}

void* aligned_alloc(std::size_t alignment, std::size_t size) noexcept {
  return refuse() ? nullptr : __libc_memalign(alignment, size);
}

void* memalign(std::size_t alignment, std::size_t size) noexcept {
  return refuse() ? nullptr : __libc_memalign(alignment, size);
}

int posix_memalign(void** memory, std::size_t alignment, std::size_t size) noexcept {
  if (refuse()) return ENOMEM;
  *memory = __libc_memalign(alignment, size);
  return *memory == nullptr ? ENOMEM : 0;
}

void free(void* memory) noexcept {
  if (memory != nullptr) ++frees;
  __libc_free(memory);
}

}  // extern "C"
