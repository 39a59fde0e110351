// Single values and sequences of Python: ids, strings and numbers with the place where one is wrong. Needs the GIL.
#pragma once

#include <nanobind/nanobind.h>

#include <cstdint>
#include <string_view>

#include "bindings/python/src/place.h"

namespace dinghy::python {

/// An int, or what has __index__ (integers of NumPy). Errors: a bool, a float, a string; more than 64 bits.
std::int64_t id_of(PyObject* value, const Place& place);
/// The UTF-8 of a str, valid while it lives. Errors: anything else; a lone surrogate.
std::string_view string_of(PyObject* value, const Place& place);
/// What float() takes, but for strings. Errors: anything else.
float number_of(PyObject* value, const Place& place);

/// `value` as a list or a tuple, itself when it is one. Arrays and columns of other libraries come through
/// numpy.asarray and tolist. Errors: what has no order or is no sequence, strings among it.
nanobind::object items_of(PyObject* value, const Place& place);
/// What has __array__ (columns of pandas and polars, tensors on the CPU) as an array of NumPy; else null.
nanobind::object array_of(PyObject* value);

/// Of what items_of() gave. An item is borrowed from the list, which code that runs meanwhile may change: hold it.
std::size_t count_of(const nanobind::object& items);
nanobind::object item_of(const nanobind::object& items, std::size_t index);

}  // namespace dinghy::python
