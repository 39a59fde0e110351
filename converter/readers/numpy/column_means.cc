#include "converter/readers/numpy/column_means.h"

#include <cmath>
#include <nlohmann/json.hpp>
#include <vector>

#include "converter/error.h"
#include "converter/readers/numpy/npy.h"

namespace dinghy::converter {
namespace {

// NumPy adds row after row in the array's own type: of a million rows of floats the sum is off in the third digit.
template <class Number>
std::vector<double> means(const Tensor& tensor) {
  const auto rows = static_cast<std::uint64_t>(tensor.shape[0]);
  std::vector<Number> sums(static_cast<std::size_t>(tensor.shape[1])), row(sums.size());
  for (std::uint64_t r = 0; r < rows; ++r) {
    tensor.read_rows(r, 1, std::span(row));
    for (std::size_t c = 0; c < row.size(); ++c) sums[c] += row[c];
  }
  std::vector<double> means;
  for (const Number sum : sums) means.push_back(static_cast<double>(sum / static_cast<Number>(rows)));
  return means;
}

}  // namespace

std::optional<std::string> column_means_of_npy(std::shared_ptr<const Storage> bytes, const std::string& where) {
  const NpyHeader header = read_npy_header(*bytes, where);
  if (header.shape.size() != 2 || header.shape[0] < 1 || header.descr.find('f') == std::string::npos) return {};
  const Tensor tensor = read_npy(std::move(bytes), "", where);
  const std::vector<double> columns = tensor.dtype == DType::f32 ? means<float>(tensor) : means<double>(tensor);
  for (const double mean : columns) {
    if (!std::isfinite(mean)) throw Error(where, "has a column whose mean is no number");
  }
  return nlohmann::json(columns).dump();
}

}  // namespace dinghy::converter
