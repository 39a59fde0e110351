#include "bindings/python/src/arguments.h"

#include <algorithm>

#include "bindings/python/src/errors.h"

namespace nb = nanobind;

namespace dinghy::python {
namespace {

bool belongs(const Feature& feature, Part part) {
  switch (part) {
    case Part::user:
      return feature.role == Role::user;
    case Part::context:
      return feature.role == Role::context;
    case Part::history:
      return feature.in_history;
    case Part::candidates:
      return feature.role == Role::candidate;
  }
  return false;
}

nb::object interned(std::string_view text) {
  PyObject* name = PyUnicode_FromStringAndSize(text.data(), static_cast<Py_ssize_t>(text.size()));
  if (name == nullptr) throw nb::python_error();
  PyUnicode_InternInPlace(&name);
  return nb::steal(name);
}

std::string names(const std::vector<PartFeature>& features) {
  std::string text;
  for (const PartFeature& feature : features)
    text += std::string(text.empty() ? "" : ", ") + nb::borrow<nb::str>(feature.name).c_str();
  return text;
}

}  // namespace

const char* name_of(Part part) noexcept {
  constexpr const char* kNames[] = {"user", "context", "history", "candidates"};
  return kNames[static_cast<std::size_t>(part)];
}

RequestShape::RequestShape(const Model& model) : size_(model.features().size()) {
  std::uint32_t number = 0;
  for (const Feature& feature : model.features()) {
    for (const Part part : kParts) {
      if (!belongs(feature, part)) continue;
      parts_[static_cast<std::size_t>(part)].push_back({.name = interned(feature.name),
                                                        .number = number,
                                                        .kind = feature.kind,
                                                        .width = feature.dense_width,
                                                        .string_ids = feature.string_ids});
    }
    ++number;
  }
}

Arguments::Arguments(const RequestShape& shape) : shape_(shape) {
  for (const Part part : kParts) {
    data_[static_cast<std::size_t>(part)] = std::vector<ColumnData>(shape.features(part).size());
  }
}

void Arguments::clear() {
  for (std::vector<ColumnData>& part : data_) {
    for (ColumnData& column : part) column.clear();
  }
  user_.clear();
  history_.clear();
  candidates_.clear();
  candidate_count_ = longest_history_ = 0;
}

std::size_t Arguments::find(Part part, PyObject* name) const {
  const std::vector<PartFeature>& features = shape_.features(part);
  for (std::size_t i = 0; i < features.size(); ++i) {
    if (features[i].name.ptr() == name) return i;
  }
  if (!PyUnicode_Check(name)) raise_type(std::string(name_of(part)) + ": a name of a feature is no string");
  for (std::size_t i = 0; i < features.size(); ++i) {
    if (PyUnicode_Compare(features[i].name.ptr(), name) == 0) return i;
  }
  const std::string text = nb::repr(nb::handle(name)).c_str();
  raise_value(std::string(name_of(part)) + " has no feature " + text +
              (features.empty() ? "; this model takes none there" : "; it takes " + names(features)));
}

void Arguments::read_one(Part part, PyObject* name, PyObject* value) {
  const std::size_t index = find(part, name);
  const PartFeature& feature = shape_.features(part)[index];
  ColumnData& data = data_[static_cast<std::size_t>(part)][index];
  const Place place{name_of(part), PyUnicode_AsUTF8AndSize(feature.name.ptr(), nullptr)};
  if (data.used()) raise_value(place.text() + " is given twice");  // by a dict that changes while it is read
  if (part == Part::user || part == Part::context) {
    user_.push_back(data.one(feature, value, place));
    return;
  }
  const Column column = data.rows(feature, value, place);
  if (part == Part::candidates) {
    candidates_.push_back(column);
    candidate_count_ = data.row_count();
  } else {
    history_.push_back(column);
    longest_history_ = std::max(longest_history_, data.row_count());
  }
}

void Arguments::read(nb::handle user, nb::handle history, nb::handle candidates, nb::handle context) {
  read(Part::user, user);
  read(Part::context, context);
  read(Part::history, history);
  read(Part::candidates, candidates);
}

void Arguments::read(Part part, nb::handle values) {
  if (values.is_none()) return;
  nb::object copy;
  if (!PyDict_CheckExact(values.ptr())) {  // DataFrames and other mappings
    if (!PyObject_HasAttrString(values.ptr(), "items")) {
      raise_type(std::string(name_of(part)) + " is of type " + nb::type_name(values.type()).c_str() +
                 "; a dict of values by the names of features belongs there");
    }
    copy = nb::module_::import_("builtins").attr("dict")(values.attr("items")());
    values = copy;
  }
  PyObject *name = nullptr, *value = nullptr;
  for (Py_ssize_t position = 0; PyDict_Next(values.ptr(), &position, &name, &value) != 0;) {
    const nb::object held_name = nb::borrow(name), held = nb::borrow(value);  // reading may run code of the caller's
    read_one(part, name, value);
  }
}

}  // namespace dinghy::python
