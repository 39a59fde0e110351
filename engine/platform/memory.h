// The engine's memory, all of which comes from here.
#pragma once

#include <cstddef>

namespace dinghy::platform {

/// nullptr when there is none. `alignment` is a power of two. release() gives it back.
[[nodiscard]] void* allocate(std::size_t bytes, std::size_t alignment) noexcept;
/// `memory` may be null.
void release(void* memory) noexcept;

}  // namespace dinghy::platform
