// The structs of Arrow's C data and stream interfaces, which never change:
// https://arrow.apache.org/docs/format/CDataInterface.html and CStreamInterface.html. Owners of them, and their
// capsules.
#pragma once

#include <cstdint>

extern "C" {

struct ArrowSchema {
  const char* format;
  const char* name;
  const char* metadata;
  std::int64_t flags;
  std::int64_t n_children;
  ArrowSchema** children;
  ArrowSchema* dictionary;
  void (*release)(ArrowSchema*);
  void* private_data;
};

struct ArrowArray {
  std::int64_t length;
  std::int64_t null_count;
  std::int64_t offset;
  std::int64_t n_buffers;
  std::int64_t n_children;
  const void** buffers;
  ArrowArray** children;
  ArrowArray* dictionary;
  void (*release)(ArrowArray*);
  void* private_data;
};

struct ArrowArrayStream {
  int (*get_schema)(ArrowArrayStream*, ArrowSchema* out);
  int (*get_next)(ArrowArrayStream*, ArrowArray* out);
  const char* (*get_last_error)(ArrowArrayStream*);
  void (*release)(ArrowArrayStream*);
  void* private_data;
};

}  // extern "C"

namespace dinghy::python {

/// One of the structs, released when it goes out of scope.
template <class T>
class Owned {
 public:
  Owned() = default;
  Owned(const Owned&) = delete;
  Owned& operator=(const Owned&) = delete;
  ~Owned() { reset(); }

  /// Moves out of `from`, which counts as released then.
  void take(T& from) noexcept {
    reset();
    value_ = from;
    from.release = nullptr;
  }
  void reset() noexcept {
    if (value_.release != nullptr) value_.release(&value_);
    value_ = {};
  }
  T* get() noexcept { return &value_; }
  T* operator->() noexcept { return &value_; }
  T& operator*() noexcept { return value_; }

 private:
  T value_ = {};
};

}  // namespace dinghy::python
