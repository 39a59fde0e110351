// An open object of libhdf5 that closes itself. Only for the files that include hdf5.h.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

namespace dinghy::converter {

class H5Handle {
 public:
  using Close = int (*)(std::int64_t);

  /// `id` below zero: there is nothing to close.
  H5Handle(std::int64_t id, Close close) : id_(id), close_(close) {}
  H5Handle(H5Handle&& other) noexcept : id_(std::exchange(other.id_, -1)), close_(other.close_) {}
  H5Handle& operator=(H5Handle&& other) noexcept {
    std::swap(id_, other.id_);
    std::swap(close_, other.close_);
    return *this;
  }
  ~H5Handle() {
    if (valid()) close_(id_);
  }
  H5Handle(const H5Handle&) = delete;

  bool valid() const { return id_ >= 0; }
  std::int64_t id() const { return id_; }

 private:
  std::int64_t id_;
  Close close_;
};

/// What a function of libhdf5 gave. Throws Error at `where` when that is below zero: it failed.
std::int64_t good(std::int64_t result, const std::string& where);

}  // namespace dinghy::converter
