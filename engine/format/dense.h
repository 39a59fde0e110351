// Tensors of the dense segments, read and checked in one.
#pragma once

#include <cstdint>

#include "engine/format/file.h"

namespace dinghy::format {

/// A checked tensor: [rows][stride] floats where they lie in the file, all finite, `cols` of each row in use. Only a
/// DenseReader makes one that has numbers.
class Matrix {
 public:
  const float* numbers() const noexcept { return numbers_; }
  std::uint32_t rows() const noexcept { return rows_; }
  std::uint32_t cols() const noexcept { return cols_; }
  std::uint32_t stride() const noexcept { return stride_; }

 private:
  friend class DenseReader;
  const float* numbers_ = nullptr;
  std::uint32_t rows_ = 0, cols_ = 0, stride_ = 0;
};

/// Reads each tensor of a file once. Together they take no more bytes than the dense segments have: a file cannot name
/// the same numbers a thousand times and have them read as often.
class DenseReader {
 public:
  explicit DenseReader(const File& file) noexcept;

  /// Errors: bad_file, naming `owner`.
  Status read(const Tensor& tensor, const char* owner, Matrix& matrix) noexcept;

 private:
  const File& file_;
  std::uint64_t room_ = 0;  // bytes that no tensor has taken yet
};

}  // namespace dinghy::format
