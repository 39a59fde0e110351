#include "converter/model_file/dense_segment.h"

#include <cmath>

#include "converter/error.h"
#include "schema/header.h"

namespace dinghy::converter {
// Every tensor is a whole number of padded rows, so each begins where the one before ended.
static_assert(format::kRowPadding * sizeof(float) == format::kTensorAlignment);

PlacedTensor DenseSegment::add(const Matrix& matrix, const std::string& name) {
  return add(matrix.values.data(), matrix.rows, matrix.cols, name);
}

PlacedTensor DenseSegment::add(const Vector& vector, const std::string& name) {
  return add(vector.data(), 1, vector.size(), name);
}

PlacedTensor DenseSegment::add(const double* values, std::size_t rows, std::size_t cols, const std::string& name) {
  const std::size_t stride = (cols + format::kRowPadding - 1) / format::kRowPadding * format::kRowPadding;
  const std::size_t begin = numbers_.size();
  numbers_.resize(begin + rows * stride);
  for (std::size_t row = 0; row < rows; ++row) {
    for (std::size_t col = 0; col < cols; ++col) {
      numbers_[begin + row * stride + col] = round_finite(values[row * cols + col], name, row, col);
    }
  }
  return {begin * sizeof(float), static_cast<std::uint32_t>(rows), static_cast<std::uint32_t>(cols),
          static_cast<std::uint32_t>(stride)};
}

float DenseSegment::round_finite(double value, const std::string& name, std::size_t row, std::size_t col) const {
  const float rounded = static_cast<float>(value);
  if (std::isfinite(rounded)) return rounded;
  throw Error(where_ + ": " + name,
              "the number in row " + std::to_string(row) + ", column " + std::to_string(col) + " is " +
                  std::to_string(value) +
                  ", which float32 has no finite value for; the training went wrong or the file is damaged");
}

}  // namespace dinghy::converter
