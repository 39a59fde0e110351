// A file as memory that the system fills when it is looked at, and takes back when memory is short.
#pragma once

#include "converter/tensor.h"

namespace dinghy::converter {

class MappedFile {
 public:
  /// Throws Error as InputFile, and when the file cannot be mapped.
  explicit MappedFile(const std::string& path);
  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  std::span<const std::byte> bytes() const { return bytes_; }

 private:
  std::span<const std::byte> bytes_;
};

}  // namespace dinghy::converter
