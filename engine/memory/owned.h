// Objects of the engine, in memory that the engine asked for itself: no operator new, so that an application in C links
// without a C++ runtime.
#pragma once

#include <cstddef>
#include <memory>
#include <new>
#include <utility>

#include "engine/platform/memory.h"

namespace dinghy {

/// A new T{arguments...}; nullptr when there is no memory. destroy() ends it.
template <class T, class... Arguments>
[[nodiscard]] T* make(Arguments&&... arguments) noexcept {
  void* const memory = platform::allocate(sizeof(T), alignof(T));
  return memory == nullptr ? nullptr : ::new (memory) T{std::forward<Arguments>(arguments)...};
}

/// Ends what make() made, if anything.
template <class T>
void destroy(T* object) noexcept {
  if (object == nullptr) return;
  object->~T();
  platform::release(object, sizeof(T), alignof(T));
}

struct Destroy {
  template <class T>
  void operator()(T* object) const noexcept {
    destroy(object);
  }
};

template <class T>
using Owned = std::unique_ptr<T, Destroy>;

}  // namespace dinghy
