// Memory that a model uses and does not own.
#pragma once

namespace dinghy {

/// Who gets memory back: `release(context)` is called once, by the thread that frees the last handle that uses it, and
/// must not throw. Nobody is called where `release` is null.
struct MemoryOwner {
  void (*release)(void* context) = nullptr;
  void* context = nullptr;
};

}  // namespace dinghy
