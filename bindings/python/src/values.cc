#include "bindings/python/src/values.h"

#include "bindings/python/src/errors.h"

namespace nb = nanobind;

namespace dinghy::python {
namespace {

// What the user passed, short enough for a line.
std::string shown(PyObject* value) {
  constexpr std::size_t kLongest = 40;
  const nb::object text = nb::steal(PyObject_ASCII(value));
  if (!text.is_valid()) {
    PyErr_Clear();
    return "an object";
  }
  std::string shown = nb::borrow<nb::str>(text).c_str();
  if (shown.size() > kLongest) shown = shown.substr(0, kLongest) + "...";
  return shown;
}

[[noreturn]] void raise_wrong(PyObject* value, const Place& place, const char* expected) {
  PyErr_Clear();
  const std::string type = nb::type_name(nb::handle(value).type()).c_str();
  raise_type(place.text() + " is " + shown(value) + " of type " + type + "; this feature takes " + expected);
}

}  // namespace

std::int64_t id_of(PyObject* value, const Place& place) {
  constexpr const char* kExpected = "integer ids";
  if (PyBool_Check(value)) raise_wrong(value, place, kExpected);
  nb::object index;
  if (!PyLong_Check(value)) {
    if (!PyIndex_Check(value)) raise_wrong(value, place, kExpected);
    index = nb::steal(PyNumber_Index(value));
    if (!index.is_valid()) raise_wrong(value, place, kExpected);
    value = index.ptr();
  }
  int overflow = 0;
  const long long id = PyLong_AsLongLongAndOverflow(value, &overflow);
  if (overflow != 0) raise_value(place.text() + " is " + shown(value) + ", which has more than 64 bits with its sign");
  return id;
}

std::string_view string_of(PyObject* value, const Place& place) {
  if (!PyUnicode_Check(value)) raise_wrong(value, place, "strings");
  Py_ssize_t size = 0;
  const char* const text = PyUnicode_AsUTF8AndSize(value, &size);
  if (text == nullptr) {
    PyErr_Clear();
    raise_value(place.text() + " is " + shown(value) + ", which cannot be written as UTF-8");
  }
  return {text, static_cast<std::size_t>(size)};
}

float number_of(PyObject* value, const Place& place) {
  if (PyUnicode_Check(value) || PyBytes_Check(value)) raise_wrong(value, place, "numbers");
  const double number = PyFloat_AsDouble(value);
  if (number == -1.0 && PyErr_Occurred() != nullptr) raise_wrong(value, place, "numbers");
  return static_cast<float>(number);
}

nb::object array_of(PyObject* value) {
  if (!PyObject_HasAttrString(value, "__array__")) return {};
  return nb::module_::import_("numpy").attr("asarray")(nb::handle(value));
}

nb::object items_of(PyObject* value, const Place& place) {
  constexpr const char* kExpected = "a sequence of values";
  if (PyList_Check(value) || PyTuple_Check(value)) return nb::borrow(value);
  if (PyUnicode_Check(value) || PyBytes_Check(value) || PyByteArray_Check(value) || PyDict_Check(value) ||
      PyAnySet_Check(value)) {
    raise_wrong(value, place, kExpected);
  }
  if (const nb::object array = array_of(value); array.is_valid()) {
    const nb::object list = array.attr("tolist")();
    if (!PyList_Check(list.ptr())) raise_wrong(value, place, kExpected);  // an array of no dimension
    return list;
  }
  nb::object list = nb::steal(PySequence_List(value));
  if (!list.is_valid()) {
    if (!PyErr_ExceptionMatches(PyExc_TypeError)) throw nb::python_error();
    raise_wrong(value, place, kExpected);
  }
  return list;
}

std::size_t count_of(const nb::object& items) {
  return static_cast<std::size_t>(PyList_Check(items.ptr()) ? PyList_Size(items.ptr()) : PyTuple_Size(items.ptr()));
}

nb::object item_of(const nb::object& items, std::size_t index) {
  const auto at = static_cast<Py_ssize_t>(index);
  PyObject* const item = PyList_Check(items.ptr()) ? PyList_GetItem(items.ptr(), at) : PyTuple_GetItem(items.ptr(), at);
  if (item == nullptr) throw nb::python_error();
  return nb::borrow(item);
}

}  // namespace dinghy::python
