// Memory at the start of a cache line.
#pragma once

#include <cstddef>

namespace dinghy::platform {

/// nullptr when there is none. `alignment` is a power of two, `bytes` a multiple of it.
[[nodiscard]] void* allocate_aligned(std::size_t alignment, std::size_t bytes) noexcept;
void free_aligned(void* memory) noexcept;

}  // namespace dinghy::platform
