// Arrays through Python's buffer protocol: NumPy's, array.array, memoryview. No other library is asked. Needs the GIL.
#pragma once

#include <nanobind/nanobind.h>

#include <cstdint>
#include <span>
#include <vector>

namespace dinghy::python {

/// Holds the buffer of an array until it is destroyed.
class ArrayView {
 public:
  ArrayView() = default;
  ArrayView(const ArrayView&) = delete;
  ArrayView& operator=(const ArrayView&) = delete;
  ~ArrayView() { release(); }

  /// True when `object` has a buffer of integers or floats of at most two dimensions; holds it then.
  bool take(PyObject* object);
  void release();

  bool integers() const noexcept { return integers_; }
  std::size_t dimensions() const noexcept { return static_cast<std::size_t>(view_.ndim); }
  std::size_t extent(std::size_t dimension) const noexcept { return static_cast<std::size_t>(view_.shape[dimension]); }
  std::size_t size() const noexcept;

  /// The elements, row by row: where they lie when they lie there as such, else in `room`. False, with the index, when
  /// an unsigned integer is too large for an id.
  bool ids(std::vector<std::int64_t>& room, std::span<const std::int64_t>& ids, std::size_t& too_large) const;
  std::span<const float> numbers(std::vector<float>& room) const;

 private:
  template <class T>
  bool in_place() const noexcept;
  template <class To, class From>
  void copy(std::vector<To>& to) const;
  template <class To>
  void copy_any(std::vector<To>& to) const;

  Py_buffer view_ = {};
  char type_ = 0;  // 'i', 'u', 'f': as the size in bytes is view_.itemsize, NumPy's name of the type
  bool held_ = false, integers_ = false;
};

}  // namespace dinghy::python
