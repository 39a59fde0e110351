// A file as read-only memory.
#pragma once

#include <cstddef>
#include <span>

#include "dinghy/status.h"

namespace dinghy::format {

/// A private read-only mapping of a whole file, or memory of the caller's. Movable; unmaps on destruction.
class MappedFile {
 public:
  MappedFile() noexcept = default;
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;
  ~MappedFile();

  /// Errors: io_error with the system's reason; bad_file for an empty or irregular file.
  Status map(const char* path) noexcept;
  /// The caller keeps the bytes alive and unchanged.
  void borrow(std::span<const std::byte> bytes) noexcept { bytes_ = bytes; }

  std::span<const std::byte> bytes() const noexcept { return bytes_; }

 private:
  std::span<const std::byte> bytes_;
  void* mapping_ = nullptr;
};

}  // namespace dinghy::format
