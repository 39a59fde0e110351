// Memory that the application gives: to a model, which does not own it, or to the whole engine.
#pragma once

#include <cstddef>

#include "dinghy/status.h"

namespace dinghy {

/// Who gets memory back: `release(context)` is called once, by the thread that frees the last handle that uses it, and
/// must not throw. Nobody is called where `release` is null.
struct MemoryOwner {
  void (*release)(void* context) = nullptr;
  void* context = nullptr;
};

/// Where the engine gets its memory. `allocate` gives `size` bytes at a multiple of `alignment`, a power of two up to
/// 64, or nullptr where there are none; memory elsewhere counts as none, and goes back. `release` takes them back, with
/// the size and the alignment that were asked for. Both are called by any thread, several at
/// once; neither may throw or call the engine.
struct Allocator {
  void* (*allocate)(void* context, std::size_t size, std::size_t alignment) = nullptr;
  void (*release)(void* context, void* memory, std::size_t size, std::size_t alignment) = nullptr;
  void* context = nullptr;
};

/// From now on all memory of the engine, in the whole process, comes from `allocator` instead of the C library: models,
/// user states, scorers, handles of the C API. Pages that hold a file are the system's still: a mapping, the copy of
/// Model::read(). Only before the engine allocates anything, and once: what is released must come from where it goes.
/// `context` has to live until the process, or the library that the engine is linked into, ends. Errors:
/// invalid_argument (too late; a second time; a null function).
Status set_allocator(const Allocator& allocator) noexcept;

}  // namespace dinghy
