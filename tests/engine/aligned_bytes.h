// Bytes on a page, as a mapping would have them.
#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <new>
#include <span>
#include <vector>

namespace dinghy::tests {

class AlignedBytes {
 public:
  AlignedBytes(const std::vector<std::byte>& bytes) : AlignedBytes(bytes.data(), bytes.size()) {}
  AlignedBytes(const AlignedBytes& other) : AlignedBytes(other.data(), other.size()) {}
  AlignedBytes& operator=(const AlignedBytes&) = delete;

  std::byte* data() { return memory_.get(); }
  const std::byte* data() const { return memory_.get(); }
  std::size_t size() const { return size_; }
  std::span<const std::byte> span() const { return {memory_.get(), size_}; }

 private:
  static constexpr std::align_val_t kPage{4096};
  struct Free {
    void operator()(std::byte* memory) const { ::operator delete(memory, kPage); }
  };

  AlignedBytes(const std::byte* bytes, std::size_t size)
      : memory_(static_cast<std::byte*>(::operator new(size + 1, kPage))), size_(size) {
    if (size > 0) std::memcpy(memory_.get(), bytes, size);
  }

  std::unique_ptr<std::byte[], Free> memory_;
  std::size_t size_;
};

}  // namespace dinghy::tests
