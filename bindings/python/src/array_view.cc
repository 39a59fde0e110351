#include "bindings/python/src/array_view.h"

#include <bit>
#include <cstring>
#include <string_view>

namespace dinghy::python {
namespace {

bool contains(std::string_view codes, char code) { return codes.find(code) != codes.npos; }

// 'i', 'u' or 'f' for a format of the struct module that is one number in this machine's order of bytes; else 0.
char type_of(const char* format, Py_ssize_t size) {
  if (format == nullptr) return 'u';
  std::string_view code = format;
  constexpr char kOther = std::endian::native == std::endian::little ? '>' : '<';
  if (code.size() == 2 && code[0] != kOther && code[0] != '!' && contains("@=<>", code[0])) {
    code.remove_prefix(1);
  }
  if (code.size() != 1 || size > 8) return 0;
  if (contains("bhilqn", code[0])) return 'i';
  if (contains("BHILQN", code[0])) return 'u';
  if (contains("fd", code[0])) return 'f';
  return 0;
}

}  // namespace

bool ArrayView::take(PyObject* object) {
  release();
  if (PyBytes_Check(object) || PyByteArray_Check(object) || !PyObject_CheckBuffer(object)) return false;
  if (PyObject_GetBuffer(object, &view_, PyBUF_FORMAT | PyBUF_STRIDES) != 0) {
    PyErr_Clear();  // of dates and other types that have no format
    return false;
  }
  held_ = true;
  type_ = type_of(view_.format, view_.itemsize);
  integers_ = type_ == 'i' || type_ == 'u';
  if (type_ != 0 && (view_.ndim == 1 || view_.ndim == 2)) return true;
  release();
  return false;
}

void ArrayView::release() {
  if (held_) PyBuffer_Release(&view_);
  held_ = false;
}

std::size_t ArrayView::size() const noexcept { return dimensions() == 1 ? extent(0) : extent(0) * extent(1); }

template <class T>
bool ArrayView::in_place() const noexcept {
  constexpr char kType = std::is_floating_point_v<T> ? 'f' : 'i';
  return type_ == kType && view_.itemsize == sizeof(T) && PyBuffer_IsContiguous(&view_, 'C') != 0 &&
         reinterpret_cast<std::uintptr_t>(view_.buf) % alignof(T) == 0;
}

template <class To, class From>
void ArrayView::copy(std::vector<To>& to) const {
  const std::size_t columns = dimensions() == 1 ? 1 : extent(1);
  const Py_ssize_t step = dimensions() == 1 ? 0 : view_.strides[1];
  to.resize(size());
  for (std::size_t row = 0; row < extent(0); ++row) {
    const char* from = static_cast<const char*>(view_.buf) + static_cast<Py_ssize_t>(row) * view_.strides[0];
    for (std::size_t column = 0; column < columns; ++column, from += step) {
      From value;
      std::memcpy(&value, from, sizeof value);
      to[row * columns + column] = static_cast<To>(value);
    }
  }
}

template <class To>
void ArrayView::copy_any(std::vector<To>& to) const {
  const auto width = view_.itemsize;
  if (type_ == 'f') return width == 4 ? copy<To, float>(to) : copy<To, double>(to);
  if (type_ == 'i') {
    if (width == 1) return copy<To, std::int8_t>(to);
    if (width == 2) return copy<To, std::int16_t>(to);
    return width == 4 ? copy<To, std::int32_t>(to) : copy<To, std::int64_t>(to);
  }
  if (width == 1) return copy<To, std::uint8_t>(to);
  if (width == 2) return copy<To, std::uint16_t>(to);
  return width == 4 ? copy<To, std::uint32_t>(to) : copy<To, std::uint64_t>(to);
}

bool ArrayView::ids(std::vector<std::int64_t>& room, std::span<const std::int64_t>& ids, std::size_t& too_large) const {
  if (in_place<std::int64_t>()) {
    ids = {static_cast<const std::int64_t*>(view_.buf), size()};
    return true;
  }
  copy_any(room);
  ids = room;
  if (type_ != 'u' || view_.itemsize < 8) return true;
  for (std::size_t i = 0; i < room.size(); ++i) {  // 2^63 and more have become negative
    if (room[i] < 0) {
      too_large = i;
      return false;
    }
  }
  return true;
}

std::span<const float> ArrayView::numbers(std::vector<float>& room) const {
  if (in_place<float>()) return {static_cast<const float*>(view_.buf), size()};
  copy_any(room);
  return room;
}

}  // namespace dinghy::python
