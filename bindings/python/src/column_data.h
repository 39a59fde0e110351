// One column of a request: the value that Python passed for a feature, as the engine reads it. Needs the GIL.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "bindings/python/src/array_view.h"
#include "bindings/python/src/place.h"
#include "dinghy/model.h"

namespace dinghy::python {

/// A feature in one part of a request.
struct PartFeature {
  nanobind::object name;  // interned, so that a name of the caller's is mostly the same object
  std::uint32_t number;
  FeatureKind kind;
  std::size_t width;  // numbers a row of a dense feature
  bool string_ids;
};

/// Arrays of 64-bit ids and 32-bit floats are read where they lie, everything else is copied into memory that the next
/// request uses again. Holds what it points to until clear().
class ColumnData {
 public:
  /// One value, as `user` and `context` have them: an id, a sequence of ids for a bag, a number or several.
  Column one(const PartFeature& feature, PyObject* value, const Place& place);
  /// A sequence with a value for each row.
  Column rows(const PartFeature& feature, PyObject* value, const Place& place);
  std::size_t row_count() const noexcept { return row_count_; }
  /// Whether it has a value since clear().
  bool used() const noexcept { return used_; }

  void clear();

 private:
  void add_id(const PartFeature& feature, PyObject* value, const Place& place);
  void add_ids(const PartFeature& feature, PyObject* value, const Place& place);
  void add_numbers(const PartFeature& feature, PyObject* value, const Place& place);
  bool rows_of_array(const PartFeature& feature, PyObject* value, const Place& place, Column& column);
  Column ids_of_array(const PartFeature& feature, const Place& place);
  Column numbers_of_array(const PartFeature& feature, const Place& place);
  Column came_rows(const PartFeature& feature, PyObject* value, const Place& place);
  void rows_of_items(const PartFeature& feature, const nanobind::object& items, const Place& place);
  Column column(const PartFeature& feature) const;

  std::vector<std::int64_t> ids_;
  std::vector<std::string_view> strings_;
  std::vector<nanobind::object> kept_;  // the owners of strings_
  std::vector<float> numbers_;
  std::vector<std::uint32_t> offsets_;  // of bags
  ArrayView view_;
  std::size_t row_count_ = 0;
  bool used_ = false;
};

}  // namespace dinghy::python
