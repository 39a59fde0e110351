#include "converter/quantization/table_error.h"

#include <algorithm>
#include <cmath>

#include "converter/model_file/row_encoder.h"
#include "converter/model_file/table_rows.h"
#include "converter/packed_rows.h"

namespace dinghy::converter {
namespace {

using format::RowForm;

double ratio(double squared_error, double squared_norm) {
  return squared_error == 0 ? 0 : std::sqrt(squared_error / squared_norm);
}

double squared(std::span<const float> numbers) {
  double sum = 0;
  for (const float x : numbers) sum += static_cast<double>(x) * static_cast<double>(x);
  return sum;
}

/// One form of one table, row by row.
class FormError {
 public:
  FormError(RowForm form, std::size_t width) : form_(form), encoded_(format::row_bytes(form, width)), decoded_(width) {}

  void add(std::uint64_t row, std::span<const float> numbers) {
    encode_row(form_, numbers, encoded_.data());
    format::decode_row(form_, encoded_.data(), numbers.size(), decoded_.data());
    double squared_error = 0;
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      const double error = static_cast<double>(decoded_[i]) - static_cast<double>(numbers[i]);
      squared_error += error * error;
    }
    if (!std::isfinite(squared_error)) {
      if (!result_.overflow) result_.overflow = row;
      return;
    }
    squared_error_ += squared_error;
    if (squared_error <= worst_squared_error_) return;
    worst_squared_error_ = squared_error;
    result_.worst_row = row;
  }

  TableError result(double squared_norm, double rows) const {
    TableError result = result_;
    result.relative_l2 = ratio(squared_error_, squared_norm);
    result.worst_row_l2 = ratio(worst_squared_error_, squared_norm / rows);
    return result;
  }

 private:
  RowForm form_;
  std::vector<std::byte> encoded_;
  std::vector<float> decoded_;
  TableError result_;
  double squared_error_ = 0;
  double worst_squared_error_ = 0;
};

}  // namespace

std::vector<TableError> table_errors(const Table& table, std::span<const RowForm> forms, const std::string& where) {
  const auto width = static_cast<std::size_t>(table.source.shape.at(1));
  std::vector<FormError> errors;
  for (const RowForm form : forms) errors.emplace_back(form, width);
  double squared_norm = 0;
  for_table_rows(table, where, [&](const TableRows& rows) {
    for (std::uint64_t r = 0; r < rows.count; ++r) {
      const auto numbers = rows.numbers.subspan(r * width, width);
      squared_norm += squared(numbers);
      for (FormError& error : errors) error.add(rows.first + r, numbers);
    }
  });
  std::vector<TableError> results;
  for (const FormError& error : errors) {
    results.push_back(error.result(squared_norm, static_cast<double>(table.source.shape[0])));
  }
  // The rows that the checkpoint has packed are copied, not encoded.
  const auto packed = std::ranges::find(forms, packed_form(table.source));
  if (packed != forms.end()) results[static_cast<std::size_t>(packed - forms.begin())] = {};
  return results;
}

}  // namespace dinghy::converter
