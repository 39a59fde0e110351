// The scores of a batch, as an Arrow array.
#pragma once

#include <nanobind/nanobind.h>

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace dinghy::python {

/// Filled row by row without the GIL: begin() and end(), or fail(). Immutable afterwards: what was exported shares it.
class ArrowScores {
 public:
  /// `flat`: a row has one score and no list of them.
  explicit ArrowScores(bool flat) : data_(std::make_shared<Data>()), flat_(flat) {}

  /// Room for the scores of the next row, until the next call. Throws ArrowTypeError: 2^31 scores and more.
  std::span<float> begin(std::size_t count);
  void end() { add(true); }
  /// Leaves a null for the next row, begun or not.
  void fail(std::string message);

  std::int64_t rows() const noexcept { return data_->rows; }
  const std::map<std::int64_t, std::string>& errors() const noexcept { return errors_; }

  /// (schema, array) as capsules: list<float32>, or float32. Needs the GIL.
  nanobind::tuple capsules() const;

  struct Data {
    std::int64_t rows = 0, nulls = 0;
    std::vector<std::int32_t> offsets{0};
    std::vector<float> values;
    std::vector<std::uint8_t> valid;
  };

 private:
  void add(bool valid);

  std::shared_ptr<Data> data_;
  std::map<std::int64_t, std::string> errors_;
  bool flat_;
};

}  // namespace dinghy::python
