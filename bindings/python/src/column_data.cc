#include "bindings/python/src/column_data.h"

#include <limits>

#include "bindings/python/src/errors.h"
#include "bindings/python/src/rows_object.h"
#include "bindings/python/src/values.h"

namespace nb = nanobind;

namespace dinghy::python {
namespace {

std::uint32_t offset(std::size_t size, const Place& place) {
  if (size > std::numeric_limits<std::uint32_t>::max()) raise_value(place.text() + " holds too many ids for one call");
  return static_cast<std::uint32_t>(size);
}

std::string shape_text(const ArrayView& view) {
  std::string text = "(" + std::to_string(view.extent(0)) + ",";
  return text + (view.dimensions() == 2 ? " " + std::to_string(view.extent(1)) : "") + ")";
}

}  // namespace

void ColumnData::clear() {
  ids_.clear();
  strings_.clear();
  kept_.clear();
  numbers_.clear();
  offsets_.clear();
  view_.release();
  used_ = false;
}

Column ColumnData::column(const PartFeature& feature) const {
  if (feature.kind == FeatureKind::dense) return Column::numbers(feature.number, numbers_);
  if (feature.kind == FeatureKind::id) {
    return feature.string_ids ? Column::strings(feature.number, strings_) : Column::ids(feature.number, ids_);
  }
  return feature.string_ids ? Column::string_bags(feature.number, strings_, offsets_)
                            : Column::bags(feature.number, ids_, offsets_);
}

void ColumnData::add_id(const PartFeature& feature, PyObject* value, const Place& place) {
  if (!feature.string_ids) {
    ids_.push_back(id_of(value, place));
    return;
  }
  strings_.push_back(string_of(value, place));
  kept_.push_back(nb::borrow(value));
}

void ColumnData::add_ids(const PartFeature& feature, PyObject* value, const Place& place) {
  const nb::object items = items_of(value, place);
  for (std::size_t i = 0; i < count_of(items); ++i) add_id(feature, item_of(items, i).ptr(), place);
  offsets_.push_back(offset(feature.string_ids ? strings_.size() : ids_.size(), place));
}

// A row of one number may be the number itself.
void ColumnData::add_numbers(const PartFeature& feature, PyObject* value, const Place& place) {
  if (feature.width == 1 && (PyUnicode_Check(value) || !PySequence_Check(value))) {
    numbers_.push_back(number_of(value, place));
    return;
  }
  const nb::object items = items_of(value, place);
  if (count_of(items) != feature.width) {
    raise_value(place.text() + " has " + std::to_string(count_of(items)) + " numbers; this feature takes " +
                std::to_string(feature.width) + " a row");
  }
  for (std::size_t i = 0; i < feature.width; ++i) numbers_.push_back(number_of(item_of(items, i).ptr(), place));
}

/// dinghy.TableRows: the ids as they would come without rows, and the rows beside them.
Column ColumnData::came_rows(const PartFeature& feature, PyObject* value, const Place& place) {
  kept_.push_back(nb::borrow(value));
  const RowsObject& came = nb::cast<const RowsObject&>(nb::handle(value));
  if (!came.ids.is_none()) return rows(feature, came.ids.ptr(), place).with_rows(came.bytes(), came.which);
  if (feature.kind != FeatureKind::id) raise_type(place.text() + " takes a bag of ids a row: give rows with ids");
  row_count_ = came.which.size();
  return Column::rows(feature.number, came.bytes(), came.which);
}

Column ColumnData::one(const PartFeature& feature, PyObject* value, const Place& place) {
  if (nb::isinstance<RowsObject>(value)) return rows(feature, value, place);
  used_ = true;
  row_count_ = 1;
  switch (feature.kind) {
    case FeatureKind::id:
      add_id(feature, value, place);
      break;
    case FeatureKind::bag:
      offsets_.push_back(0);
      add_ids(feature, value, place);
      break;
    case FeatureKind::dense:
      add_numbers(feature, value, place);
      break;
  }
  return column(feature);
}

Column ColumnData::rows(const PartFeature& feature, PyObject* value, const Place& place) {
  used_ = true;
  if (nb::isinstance<RowsObject>(value)) return came_rows(feature, value, place);
  nb::object object = nb::borrow(value);
  if (!PyList_Check(value) && !PyTuple_Check(value)) {
    Column column = Column::ids(feature.number, {});
    if (rows_of_array(feature, value, place, column)) return column;
    if (nb::object array = array_of(value); array.is_valid()) {
      if (rows_of_array(feature, array.ptr(), place, column)) return column;
      object = std::move(array);
    }
  }
  rows_of_items(feature, items_of(object.ptr(), place), place);
  return column(feature);
}

void ColumnData::rows_of_items(const PartFeature& feature, const nb::object& items, const Place& place) {
  if (feature.kind == FeatureKind::bag) offsets_.push_back(0);
  std::size_t row = 0;
  for (; row < count_of(items); ++row) {
    const nb::object value = item_of(items, row);
    if (feature.kind == FeatureKind::id) add_id(feature, value.ptr(), place.at(row));
    if (feature.kind == FeatureKind::bag) add_ids(feature, value.ptr(), place.at(row));
    if (feature.kind == FeatureKind::dense) add_numbers(feature, value.ptr(), place.at(row));
  }
  row_count_ = row;
}

bool ColumnData::rows_of_array(const PartFeature& feature, PyObject* value, const Place& place, Column& column) {
  if (feature.string_ids || !view_.take(value)) return false;
  row_count_ = view_.extent(0);
  column = feature.kind == FeatureKind::dense ? numbers_of_array(feature, place) : ids_of_array(feature, place);
  return true;
}

Column ColumnData::ids_of_array(const PartFeature& feature, const Place& place) {
  if (!view_.integers()) raise_type(place.text() + " is an array of floats; this feature takes integer ids");
  if (view_.dimensions() != (feature.kind == FeatureKind::bag ? 2U : 1U)) {
    raise_value(place.text() + " is an array of the shape " + shape_text(view_) + "; this feature takes " +
                (feature.kind == FeatureKind::bag ? "a bag of ids a row" : "one id a row"));
  }
  std::span<const std::int64_t> ids;
  if (std::size_t index = 0; !view_.ids(ids_, ids, index)) {
    raise_value(place.at(index / (view_.dimensions() == 2 ? view_.extent(1) : 1)).text() +
                " has more than 64 bits with its sign");
  }
  if (feature.kind == FeatureKind::id) return Column::ids(feature.number, ids);
  for (std::size_t row = 0; row <= row_count_; ++row) offsets_.push_back(offset(row * view_.extent(1), place));
  return Column::bags(feature.number, ids, offsets_);
}

Column ColumnData::numbers_of_array(const PartFeature& feature, const Place& place) {
  const std::size_t width = view_.dimensions() == 1 ? 1 : view_.extent(1);
  if (width != feature.width) {
    raise_value(place.text() + " is an array of the shape " + shape_text(view_) + "; this feature takes " +
                std::to_string(feature.width) + " numbers a row");
  }
  return Column::numbers(feature.number, view_.numbers(numbers_));
}

}  // namespace dinghy::python
