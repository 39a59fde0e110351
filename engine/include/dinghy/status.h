// Errors as values: no call of the engine throws, aborts or prints.
#pragma once

#ifdef DINGHY_SHARED
#error "Dinghy's shared library has the functions of dinghy.h alone; for C++ link the static one, dinghy::engine"
#endif

#include <cstddef>
#include <new>
#include <utility>

namespace dinghy {

enum class Code : int {
  ok = 0,
  io_error = 1,     // the file cannot be opened, read or mapped
  bad_file = 2,     // the file is not a valid .dinghy file; the message names the field
  unsupported = 3,  // a valid file that needs a newer engine, or an ability that this one lacks
  out_of_memory = 4,
  unknown_isa = 5,        // no ISA of this name exists in this build
  unavailable_isa = 6,    // this processor or operating system cannot run it
  invalid_argument = 7,   // a column is missing, given twice, of the wrong length or kind, or holds a NaN or infinity
  limit_exceeded = 8,     // more candidates than max_candidates
  missing_id = 9,         // an id without a row in a table whose policy is `fail`
  empty_history = 10,     // this model defines no score for a user without behaviours
  wrong_scores = 11,      // a golden row of the file does not come out as it should (Model::selftest)
  version_mismatch = 12,  // rows that came with a call are of another version of the table than the model's
};

/// The outcome of a call: a code and, unless it is `ok`, a message of one line that says what is wrong and where.
/// A plain value of 256 bytes that owns nothing; on success only the code is written.
class [[nodiscard]] Status {
 public:
  static constexpr std::size_t kMessageSize = 252;

  Status() noexcept : code_(Code::ok) { message_[0] = '\0'; }

  /// An error with a printf-formatted message, cut at kMessageSize - 1 bytes. Does not allocate.
  static Status error(Code code, const char* format, ...) noexcept
#if defined(__GNUC__)
      __attribute__((format(printf, 2, 3)))
#endif
      ;

  bool ok() const noexcept { return code_ == Code::ok; }
  explicit operator bool() const noexcept { return ok(); }
  Code code() const noexcept { return code_; }
  /// Zero-terminated; empty when ok().
  const char* message() const noexcept { return message_; }

 private:
  Code code_;
  char message_[kMessageSize];
};

/// A value, or the Status that says why there is none. `*result` and `result->` need result.ok().
template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) noexcept : has_value_(true) { ::new (static_cast<void*>(&value_)) T(std::move(value)); }
  Result(Status status) noexcept : status_(status), has_value_(false) {}
  Result(Result&& other) noexcept : status_(other.status_), has_value_(other.has_value_) {
    if (has_value_) ::new (static_cast<void*>(&value_)) T(std::move(other.value_));
  }
  Result& operator=(Result&&) = delete;
  ~Result() {
    if (has_value_) value_.~T();
  }

  bool ok() const noexcept { return has_value_; }
  explicit operator bool() const noexcept { return has_value_; }
  const Status& status() const noexcept { return status_; }
  T& operator*() noexcept { return value_; }
  const T& operator*() const noexcept { return value_; }
  T* operator->() noexcept { return &value_; }
  const T* operator->() const noexcept { return &value_; }

 private:
  Status status_;
  bool has_value_;
  union {
    T value_;
  };
};

}  // namespace dinghy
