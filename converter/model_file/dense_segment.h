// The dense segment: the weights of all layers as the engine's kernels want to read them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "converter/network.h"

namespace dinghy::converter {

/// Where a matrix lies in the segment; the fields of format::Tensor.
struct PlacedTensor {
  std::uint64_t offset = 0;  // bytes
  std::uint32_t rows = 0, cols = 0;
  std::uint32_t stride = 0;  // floats
};

class DenseSegment {
 public:
  /// `where`: the checkpoint, for errors.
  explicit DenseSegment(std::string where) : where_(std::move(where)) {}

  /// Appends `matrix`, rounded to float, at the next multiple of 64 bytes, each row filled with zeros to a multiple of
  /// 16 floats. Throws Error naming `name`, row and column when a number is not finite as a float.
  PlacedTensor add(const Matrix& matrix, const std::string& name);
  /// A vector is a matrix of one row.
  PlacedTensor add(const Vector& vector, const std::string& name);

  const std::vector<float>& numbers() const { return numbers_; }

 private:
  PlacedTensor add(const double* values, std::size_t rows, std::size_t cols, const std::string& name);

  float round_finite(double value, const std::string& name, std::size_t row, std::size_t col) const;

  std::string where_;
  std::vector<float> numbers_;
};

}  // namespace dinghy::converter
