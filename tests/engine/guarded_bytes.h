// Bytes that end where readable memory ends: a read of one byte more is a crash, in every build.
#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstring>
#include <span>
#include <stdexcept>
#include <vector>

namespace dinghy::tests {

class GuardedBytes {
 public:
  /// The size must be a multiple of 64, for the first byte to be aligned as Model::from_memory() wants it.
  explicit GuardedBytes(const std::vector<std::byte>& bytes) : size_(bytes.size()) {
    const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    readable_ = (size_ + page - 1) / page * page;
    void* const memory = ::mmap(nullptr, readable_ + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (size_ % 64 != 0 || memory == MAP_FAILED) throw std::runtime_error("no guarded memory for these bytes");
    begin_ = static_cast<std::byte*>(memory);
    std::memcpy(begin_ + (readable_ - size_), bytes.data(), size_);
    ::mprotect(begin_, readable_, PROT_READ);
    ::mprotect(begin_ + readable_, page, PROT_NONE);
    mapped_ = readable_ + page;
  }
  GuardedBytes(const GuardedBytes&) = delete;
  GuardedBytes& operator=(const GuardedBytes&) = delete;
  ~GuardedBytes() { ::munmap(begin_, mapped_); }

  std::span<const std::byte> span() const { return {begin_ + (readable_ - size_), size_}; }

 private:
  std::byte* begin_ = nullptr;
  std::size_t size_, readable_ = 0, mapped_ = 0;
};

}  // namespace dinghy::tests
