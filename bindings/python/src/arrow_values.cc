#include "bindings/python/src/arrow_values.h"

#include <cstring>
#include <limits>
#include <type_traits>

namespace dinghy::python {
namespace {

std::string nth(std::int64_t index) { return "entry " + std::to_string(index); }

void require_buffers(const ArrowArray& array, std::int64_t count) {
  if (array.n_buffers != count || (count > 0 && array.buffers == nullptr)) {
    throw ArrowTypeError("an Arrow array has " + std::to_string(array.n_buffers) + " buffers where its type has " +
                         std::to_string(count));
  }
  if (array.length < 0 || array.offset < 0) throw ArrowTypeError("an Arrow array has a negative length or offset");
}

template <class T>
T load(const void* buffer, std::int64_t index) noexcept {
  T value;  // producers need not align
  std::memcpy(&value, static_cast<const char*>(buffer) + index * static_cast<std::int64_t>(sizeof(T)), sizeof value);
  return value;
}

}  // namespace

void Validity::bind(const ArrowArray& array) noexcept {
  const bool known = array.null_count != 0 && array.n_buffers > 0 && array.buffers != nullptr;
  bits_ = known ? static_cast<const std::uint8_t*>(array.buffers[0]) : nullptr;
  offset_ = array.offset;
}

// ---- lists ---------------------------------------------------------------------------------------------------------

bool ArrowList::set_type(const ArrowSchema& schema) {
  const std::string_view format = schema.format;
  if (format == "+l") {
    kind_ = Kind::list;
  } else if (format == "+L") {
    kind_ = Kind::large_list;
  } else if (format == "+vl") {
    kind_ = Kind::view;
  } else if (format == "+vL") {
    kind_ = Kind::large_view;
  } else if (format.starts_with("+w:")) {
    kind_ = Kind::fixed;
    width_ = std::strtoll(schema.format + 3, nullptr, 10);
  } else {
    return false;
  }
  return schema.n_children == 1;
}

void ArrowList::bind(const ArrowArray& array) {
  const bool view = kind_ == Kind::view || kind_ == Kind::large_view;
  require_buffers(array, view ? 3 : kind_ == Kind::fixed ? 1 : 2);
  if (array.n_children != 1) throw ArrowTypeError("an Arrow array of lists has no values");
  valid_.bind(array);
  offset_ = array.offset;
  values_ = array.children[0]->length;
  offsets_ = kind_ == Kind::fixed ? nullptr : array.buffers[1];
  sizes_ = view ? array.buffers[2] : nullptr;
  if (kind_ != Kind::fixed && array.length > 0 && (offsets_ == nullptr || (view && sizes_ == nullptr))) {
    throw ArrowTypeError("an Arrow array of lists has no offsets");
  }
}

template <class T>
Rows ArrowList::between(std::int64_t at) const noexcept {
  const std::int64_t begin = load<T>(offsets_, at);
  return {begin, sizes_ == nullptr ? load<T>(offsets_, at + 1) : begin + load<T>(sizes_, at)};
}

Rows ArrowList::operator[](std::int64_t index) const {
  if (!valid_[index]) throw ArrowValueError("is null; fill it with an empty list");
  const std::int64_t at = index + offset_;
  const bool wide = kind_ == Kind::large_list || kind_ == Kind::large_view;
  const Rows rows = kind_ == Kind::fixed ? Rows{at * width_, (at + 1) * width_}
                    : wide               ? between<std::int64_t>(at)
                                         : between<std::int32_t>(at);
  if (rows.begin < 0 || rows.end < rows.begin || rows.end > values_) {
    throw ArrowValueError("is a list outside of its values: this is no valid Arrow array");
  }
  return rows;
}

// ---- values --------------------------------------------------------------------------------------------------------

void ArrowValues::Plain::set_type(const ArrowSchema& schema) {
  format = schema.format;
  if (format.size() == 1 && std::string_view("cCsSiIlL").find(format[0]) != format.npos) {
    kind = Kind::integers;
  } else if (format == "f" || format == "g") {
    kind = Kind::floats;
  } else if (format == "u" || format == "U" || format == "vu") {
    kind = Kind::strings;
  } else if (format == "n") {
    kind = Kind::nothing;
  } else {
    throw ArrowTypeError("is of the Arrow type '" + std::string(format) + "'");
  }
}

void ArrowValues::Plain::bind(const ArrowArray& array) {
  length = array.length;
  offset = array.offset;
  if (kind == Kind::nothing) return;
  if (format == "vu") {
    if (array.n_buffers < 3) throw ArrowTypeError("an Arrow array of string views has too few buffers");
  } else {
    require_buffers(array, kind == Kind::strings ? 3 : 2);
  }
  buffers = array.buffers;
  buffer_count = array.n_buffers;
  valid.bind(array);
  if (length > 0 && buffers[1] == nullptr) throw ArrowTypeError("an Arrow array has no values");
}

template <class T>
T ArrowValues::Plain::at(std::int64_t index) const noexcept {
  return load<T>(buffers[1], index + offset);
}

template <class To>
bool ArrowValues::Plain::number(std::int64_t index, To& to) const noexcept {
  switch (format[0]) {
    case 'c':
      to = static_cast<To>(at<std::int8_t>(index));
      return true;
    case 'C':
      to = static_cast<To>(at<std::uint8_t>(index));
      return true;
    case 's':
      to = static_cast<To>(at<std::int16_t>(index));
      return true;
    case 'S':
      to = static_cast<To>(at<std::uint16_t>(index));
      return true;
    case 'i':
      to = static_cast<To>(at<std::int32_t>(index));
      return true;
    case 'I':
      to = static_cast<To>(at<std::uint32_t>(index));
      return true;
    case 'l':
      to = static_cast<To>(at<std::int64_t>(index));
      return true;
    case 'L': {
      const auto value = at<std::uint64_t>(index);
      to = static_cast<To>(value);
      return std::is_floating_point_v<To> || value <= std::numeric_limits<std::int64_t>::max();
    }
    case 'f':
      to = static_cast<To>(at<float>(index));
      return true;
    default:
      to = static_cast<To>(at<double>(index));
      return true;
  }
}

// The layout of a view: a length, and up to 12 bytes, or the first 4 with a buffer and the place in it.
std::string_view view_of(const char* view, const void* const* buffers, std::int64_t variadic) {
  const auto size = load<std::int32_t>(view, 0);
  if (size < 0) throw ArrowValueError("is a string of negative size: this is no valid Arrow array");
  if (size <= 12) return {view + 4, static_cast<std::size_t>(size)};
  const auto buffer = load<std::int32_t>(view, 2), from = load<std::int32_t>(view, 3);
  if (buffer < 0 || buffer >= variadic || from < 0 || buffers[2 + buffer] == nullptr) {
    throw ArrowValueError("is a string outside of its array: this is no valid Arrow array");
  }
  return {static_cast<const char*>(buffers[2 + buffer]) + from, static_cast<std::size_t>(size)};
}

std::string_view ArrowValues::Plain::string(std::int64_t index) const {
  if (format == "vu") {
    return view_of(static_cast<const char*>(buffers[1]) + 16 * (index + offset), buffers, buffer_count - 3);
  }
  const bool large = format == "U";
  const std::int64_t begin = large ? at<std::int64_t>(index) : at<std::int32_t>(index);
  const std::int64_t end = large ? at<std::int64_t>(index + 1) : at<std::int32_t>(index + 1);
  if (begin < 0 || end < begin) throw ArrowValueError("is a string of negative size: this is no valid Arrow array");
  if (begin == end) return "";
  return {static_cast<const char*>(buffers[2]) + begin, static_cast<std::size_t>(end - begin)};
}

void ArrowValues::set_type(const ArrowSchema& schema) {
  in_dictionary_ = schema.dictionary != nullptr;
  codes_.set_type(schema);
  if (!in_dictionary_) return;
  words_.set_type(*schema.dictionary);
  if (codes_.kind != Kind::integers || schema.dictionary->dictionary != nullptr || words_.kind == Kind::floats) {
    throw ArrowTypeError("is a dictionary of the Arrow type '" + std::string(words_.format) + "'");
  }
}

void ArrowValues::bind(const ArrowArray& array) {
  codes_.bind(array);
  if (!in_dictionary_) return;
  if (array.dictionary == nullptr) throw ArrowTypeError("an Arrow array has no dictionary");
  words_.bind(*array.dictionary);
}

std::int64_t ArrowValues::resolve(std::int64_t index, std::int64_t first) const {
  if (codes_.kind == Kind::nothing || !codes_.valid[index]) throw ArrowValueError(nth(index - first) + " is null");
  if (!in_dictionary_) return index;
  std::int64_t code = 0;
  if (!codes_.number(index, code) || code < 0 || code >= words_.length) {
    throw ArrowValueError(nth(index - first) + " is not in its dictionary: this is no valid Arrow array");
  }
  if (words_.kind == Kind::nothing || !words_.valid[code]) throw ArrowValueError(nth(index - first) + " is null");
  return code;
}

template <class T>
std::span<const T> ArrowValues::in_place(Rows rows) const {
  if (in_dictionary_ || codes_.format != (std::is_same_v<T, float> ? "f" : "l")) return {};
  const auto* const begin =
      static_cast<const char*>(codes_.buffers[1]) + (rows.begin + codes_.offset) * static_cast<std::int64_t>(sizeof(T));
  if (reinterpret_cast<std::uintptr_t>(begin) % alignof(T) != 0) return {};
  for (std::int64_t i = rows.begin; !codes_.valid.all() && i < rows.end; ++i) resolve(i, rows.begin);
  return {reinterpret_cast<const T*>(begin), static_cast<std::size_t>(rows.count())};
}
template std::span<const std::int64_t> ArrowValues::in_place(Rows rows) const;
template std::span<const float> ArrowValues::in_place(Rows rows) const;

template <class To>
void ArrowValues::append_numbers(Rows rows, std::vector<To>& to) const {
  const Plain& from = in_dictionary_ ? words_ : codes_;
  for (std::int64_t i = rows.begin; i < rows.end; ++i) {
    To value{};
    if (!from.number(resolve(i, rows.begin), value)) {
      throw ArrowValueError(nth(i - rows.begin) + " has more than 64 bits with its sign");
    }
    to.push_back(value);
  }
}

void ArrowValues::append(Rows rows, std::vector<std::int64_t>& to) const { append_numbers(rows, to); }
void ArrowValues::append(Rows rows, std::vector<float>& to) const { append_numbers(rows, to); }

void ArrowValues::append(Rows rows, std::vector<std::string_view>& to) const {
  const Plain& from = in_dictionary_ ? words_ : codes_;
  for (std::int64_t i = rows.begin; i < rows.end; ++i) to.push_back(from.string(resolve(i, rows.begin)));
}

}  // namespace dinghy::python
