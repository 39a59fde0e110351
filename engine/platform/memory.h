// The engine's memory, all of which comes from here.
#pragma once

#include <cstddef>

namespace dinghy::platform {

/// From the application's allocator (dinghy::set_allocator), else from the system; nullptr when there is none.
/// `alignment` is a power of two. release() gives it back, with the same size and alignment.
[[nodiscard]] void* allocate(std::size_t bytes, std::size_t alignment) noexcept;
/// `memory` may be null.
void release(void* memory, std::size_t bytes, std::size_t alignment) noexcept;

/// Asks for large pages under memory that is looked into here and there, before it is used first; a wish, which most
/// systems pass over.
void prefer_large_pages(void* memory, std::size_t bytes) noexcept;

/// The system's own: for memory.cc alone.
[[nodiscard]] void* system_allocate(std::size_t bytes, std::size_t alignment) noexcept;
void system_release(void* memory) noexcept;

}  // namespace dinghy::platform
