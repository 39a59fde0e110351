#include "engine/memory/plan.h"

namespace dinghy {

void* Plan::place_bytes(std::size_t rows, std::size_t columns, std::size_t size) noexcept {
  Arena& counted = arena_.is_allocated() ? replay_ : arena_;
  const Slot<std::byte> slot{counted.reserve_bytes(rows, columns, size)};
  return arena_.is_allocated() ? arena_.at(slot) : nullptr;
}

}  // namespace dinghy
