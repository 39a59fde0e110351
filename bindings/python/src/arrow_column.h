// A column of an Arrow batch as the values of one feature, a request a row. Needs no GIL.
#pragma once

#include <string>
#include <vector>

#include "bindings/python/src/arguments.h"
#include "bindings/python/src/arrow_values.h"

namespace dinghy::python {

/// Reads 64-bit ids and 32-bit floats where they lie; everything else is copied, a row at a time.
class ArrowColumn {
 public:
  ArrowColumn(Part part, const PartFeature& feature, std::string name);

  /// Throws ArrowTypeError: a type that the feature does not take.
  void set_type(const ArrowSchema& schema);
  void bind(const ArrowArray& array);

  /// The values of row `index`, until the next call. Throws ArrowValueError.
  Column row(std::int64_t index);
  /// In the row that was read last: behaviours, or candidates.
  std::size_t count() const noexcept { return count_; }

  Part part() const noexcept { return part_; }
  const std::string& name() const noexcept { return name_; }
  const ArrowArray& array() const noexcept { return *array_; }
  /// Whether a row has a list of candidates; else it has one.
  bool lists() const noexcept { return lists_; }

 private:
  template <class T>
  Column number_row(Rows rows, std::vector<T>& room, Column (*column)(std::uint32_t, std::span<const T>));
  Column list_row(Rows rows);
  void append(Rows rows);

  Part part_;
  const PartFeature* feature_;
  std::string name_;
  bool lists_ = false, inner_ = false;  // a list of rows; a list of values in each: bags, and several numbers
  const ArrowArray* array_ = nullptr;
  ArrowList outer_lists_, inner_lists_;
  ArrowValues values_;
  std::size_t count_ = 0;
  std::vector<std::int64_t> ids_;
  std::vector<float> numbers_;
  std::vector<std::string_view> strings_;
  std::vector<std::uint32_t> offsets_;
};

}  // namespace dinghy::python
