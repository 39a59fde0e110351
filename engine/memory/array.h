// A fixed-size array that reports a failed allocation instead of throwing.
#pragma once

#include <cstddef>
#include <memory>
#include <new>
#include <span>

namespace dinghy {

template <class T>
class Array {
 public:
  /// `size` default-constructed elements; false when there is no memory for them.
  [[nodiscard]] bool allocate(std::size_t size) noexcept {
    data_.reset(size == 0 ? nullptr : new (std::nothrow) T[size]());
    size_ = data_ ? size : 0;
    return size == 0 || data_ != nullptr;
  }
  /// Forgets what lies behind the first `size` elements.
  void shrink(std::size_t size) noexcept { size_ = size; }
  std::size_t size() const noexcept { return size_; }
  bool empty() const noexcept { return size_ == 0; }
  T* begin() noexcept { return data_.get(); }
  T* end() noexcept { return data_.get() + size_; }
  const T* begin() const noexcept { return data_.get(); }
  const T* end() const noexcept { return data_.get() + size_; }
  T& operator[](std::size_t i) noexcept { return data_[i]; }
  const T& operator[](std::size_t i) const noexcept { return data_[i]; }
  std::span<const T> span() const noexcept { return {data_.get(), size_}; }

 private:
  std::unique_ptr<T[]> data_;
  std::size_t size_ = 0;
};

}  // namespace dinghy
