// A fixed-size array that reports a failed allocation instead of throwing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>

#include "engine/platform/memory.h"

namespace dinghy {

template <class T>
class Array {
 public:
  Array() noexcept = default;
  Array(Array&& other) noexcept { swap(other); }
  Array& operator=(Array&& other) noexcept {
    swap(other);
    return *this;
  }
  ~Array() { clear(); }

  /// `size` value-initialized elements in place of those before; false, and none, when there is no memory for them.
  [[nodiscard]] bool allocate(std::size_t size) noexcept {
    clear();
    if (size == 0) return true;
    if (size > SIZE_MAX / 2 / sizeof(T)) return false;
    data_ = static_cast<T*>(platform::allocate(size * sizeof(T), alignof(T)));
    if (data_ == nullptr) return false;
    std::uninitialized_value_construct_n(data_, size);
    size_ = made_ = size;
    return true;
  }
  /// Forgets what lies behind the first `size` elements.
  void shrink(std::size_t size) noexcept { size_ = size; }
  std::size_t size() const noexcept { return size_; }
  /// Of memory.
  std::size_t bytes() const noexcept { return made_ * sizeof(T); }
  bool empty() const noexcept { return size_ == 0; }
  T* begin() noexcept { return data_; }
  T* end() noexcept { return data_ + size_; }
  const T* begin() const noexcept { return data_; }
  const T* end() const noexcept { return data_ + size_; }
  T& operator[](std::size_t i) noexcept { return data_[i]; }
  const T& operator[](std::size_t i) const noexcept { return data_[i]; }
  std::span<const T> span() const noexcept { return {data_, size_}; }

 private:
  void swap(Array& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    std::swap(made_, other.made_);
  }
  void clear() noexcept {
    std::destroy_n(data_, made_);
    platform::release(std::exchange(data_, nullptr), made_ * sizeof(T), alignof(T));
    size_ = made_ = 0;
  }

  T* data_ = nullptr;
  std::size_t size_ = 0, made_ = 0;  // those in use, and those behind them that shrink() left
};

}  // namespace dinghy
