#include "converter/presets/computed_table.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <memory>
#include <stdexcept>

namespace dinghy::converter {
namespace {

std::uint64_t extent(const Tensor& tensor, std::size_t dimension) {
  return static_cast<std::uint64_t>(tensor.shape.at(dimension));
}

double applied(const Activation& activation, double x) {
  switch (activation.kind) {
    case format::ActivationKind::identity:
      return x;
    case format::ActivationKind::relu:
      return std::max(x, 0.0);
    case format::ActivationKind::leaky_relu:
      return x > 0 ? x : activation.slope * x;
    case format::ActivationKind::sigmoid:
      return 1 / (1 + std::exp(-x));
    case format::ActivationKind::tanh:
      return std::tanh(x);
    default:
      throw std::logic_error("a computed table with an activation that has numbers");
  }
}

class ComputedStorage : public Storage {
 public:
  ComputedStorage(std::vector<TableTerm> terms, Vector bias, Activation activation, std::uint64_t rows,
                  std::uint64_t width)
      : terms_(std::move(terms)),
        bias_(std::move(bias)),
        activation_(std::move(activation)),
        rows_(rows),
        width_(width) {}

  std::uint64_t size() const override { return rows_ * row_bytes(); }

  void read(std::uint64_t offset, std::span<std::byte> out) const override {
    while (!out.empty()) {
      const std::uint64_t row = offset / row_bytes(), begin = offset % row_bytes();
      const Vector values = compute(row);
      const std::size_t count = std::min<std::size_t>(out.size(), row_bytes() - begin);
      std::memcpy(out.data(), reinterpret_cast<const std::byte*>(values.data()) + begin, count);
      out = out.subspan(count);
      offset += count;
    }
  }

 private:
  std::uint64_t row_bytes() const { return width_ * sizeof(double); }

  Vector compute(std::uint64_t row) const {
    Vector sum = bias_.empty() ? Vector(width_, 0.0) : bias_;
    for (const TableTerm& term : terms_) {
      if (row < term.rows) add(term, row, sum);
    }
    for (double& value : sum) value = applied(activation_, value);
    return sum;
  }

  static void add(const TableTerm& term, std::uint64_t row, Vector& sum) {
    Vector values(extent(term.table, 1));
    term.table.read_rows(row, 1, values);
    for (std::size_t in = 0; in < values.size(); ++in) {
      if (!term.matrix) {
        sum[in] += values[in];
        continue;
      }
      for (std::size_t out = 0; out < sum.size(); ++out) sum[out] += values[in] * term.matrix->at(in, out);
    }
  }

  std::vector<TableTerm> terms_;
  Vector bias_;
  Activation activation_;
  std::uint64_t rows_, width_;
};

}  // namespace

bool can_compute(const Activation& activation) {
  using Kind = format::ActivationKind;
  constexpr Kind kKinds[] = {Kind::identity, Kind::relu, Kind::leaky_relu, Kind::sigmoid, Kind::tanh};
  return std::ranges::find(kKinds, activation.kind) != std::end(kKinds);
}

Tensor computed_table(const std::string& name, std::vector<TableTerm> terms, Vector bias,
                      const Activation& activation) {
  const TableTerm& first = terms.at(0);
  const std::uint64_t rows = extent(first.table, 0);
  const std::uint64_t width = first.matrix ? first.matrix->cols : extent(first.table, 1);
  Tensor tensor;
  tensor.name = name;
  tensor.dtype = DType::f64;
  tensor.shape = {static_cast<std::int64_t>(rows), static_cast<std::int64_t>(width)};
  tensor.strides = {static_cast<std::int64_t>(width), 1};
  tensor.storage = std::make_shared<ComputedStorage>(std::move(terms), std::move(bias), activation, rows, width);
  return tensor;
}

}  // namespace dinghy::converter
