#include "engine/memory/arena.h"

#include <cstdlib>
#include <cstring>

namespace dinghy {

Arena::~Arena() { std::free(memory_); }

std::size_t Arena::multiply(std::size_t a, std::size_t b) noexcept {
  std::size_t product = 0;
  if (__builtin_mul_overflow(a, b, &product)) overflow_ = true;
  return overflow_ ? 0 : product;
}

std::size_t Arena::reserve_bytes(std::size_t count, std::size_t size) noexcept {
  const std::size_t offset = bytes_;
  const std::size_t bytes = multiply(count, size);
  if (bytes > SIZE_MAX / 2 - offset) overflow_ = true;
  if (!overflow_) bytes_ += (bytes + kAlignment - 1) / kAlignment * kAlignment;
  return offset;
}

bool Arena::allocate() noexcept {
  if (overflow_) return false;
  // One line more than planned: a kernel may load a whole vector behind the last column of the last row.
  bytes_ += kAlignment;
  memory_ = static_cast<unsigned char*>(std::aligned_alloc(kAlignment, bytes_));
  if (memory_ == nullptr) return false;
  std::memset(memory_, 0, bytes_);
  return true;
}

}  // namespace dinghy
