// Values of an Arrow array: numbers, strings or a dictionary of them, and the lists around them. Needs no GIL.
#pragma once

#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "bindings/python/src/arrow_abi.h"

namespace dinghy::python {

/// A column has a type that its feature does not take, or an array is not as Arrow prescribes.
struct ArrowTypeError : std::runtime_error {
  using std::runtime_error::runtime_error;
};
/// A value that no request may have; the rest of the batch is fine.
struct ArrowValueError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Rows [begin, end) of an array.
struct Rows {
  std::int64_t begin, end;
  std::int64_t count() const noexcept { return end - begin; }
};

/// Whether each value of an array is there.
class Validity {
 public:
  void bind(const ArrowArray& array) noexcept;
  bool all() const noexcept { return bits_ == nullptr; }
  bool operator[](std::int64_t index) const noexcept {
    const std::int64_t at = index + offset_;
    return bits_ == nullptr || (bits_[at >> 3] >> (at & 7) & 1) != 0;
  }

 private:
  const std::uint8_t* bits_ = nullptr;  // null: all are
  std::int64_t offset_ = 0;
};

/// An array of lists: list, large_list, fixed_size_list or one of their views.
class ArrowList {
 public:
  /// False when it is no list.
  bool set_type(const ArrowSchema& schema);
  void bind(const ArrowArray& array);
  /// The values of list `index`. Throws ArrowValueError: it is null.
  Rows operator[](std::int64_t index) const;

 private:
  template <class T>
  Rows between(std::int64_t at) const noexcept;

  enum class Kind : std::uint8_t { list, large_list, fixed, view, large_view } kind_{};
  std::int64_t width_ = 0, offset_ = 0, values_ = 0;
  const void *offsets_ = nullptr, *sizes_ = nullptr;
  Validity valid_;
};

/// The innermost array: integers, floats or strings, or a dictionary of integers or strings.
class ArrowValues {
 public:
  enum class Kind : std::uint8_t { integers, floats, strings, nothing };

  /// Throws ArrowTypeError: of any other type.
  void set_type(const ArrowSchema& schema);
  void bind(const ArrowArray& array);
  Kind kind() const noexcept { return in_dictionary_ ? words_.kind : codes_.kind; }  // `nothing`: Arrow's type null

  /// The rows where they lie, when they lie there as such; else an empty span with a null pointer. Throws
  /// ArrowValueError: one of them is null.
  template <class T>
  std::span<const T> in_place(Rows rows) const;
  /// Copies them behind what is in `to`. Throws ArrowValueError: one is null or too large.
  void append(Rows rows, std::vector<std::int64_t>& to) const;
  void append(Rows rows, std::vector<float>& to) const;
  void append(Rows rows, std::vector<std::string_view>& to) const;

 private:
  // An array without its dictionary.
  struct Plain {
    void set_type(const ArrowSchema& schema);
    void bind(const ArrowArray& array);
    template <class To>
    bool number(std::int64_t index, To& to) const noexcept;  // false: too large for To
    std::string_view string(std::int64_t index) const;
    template <class T>
    T at(std::int64_t index) const noexcept;

    Kind kind{};
    std::string_view format;
    std::int64_t offset = 0, length = 0, buffer_count = 0;
    const void* const* buffers = nullptr;
    Validity valid;
  };

  /// The place of a value in the array that holds it, behind the dictionary if there is one.
  std::int64_t resolve(std::int64_t index, std::int64_t first) const;
  template <class To>
  void append_numbers(Rows rows, std::vector<To>& to) const;

  Plain codes_, words_;
  bool in_dictionary_ = false;
};

}  // namespace dinghy::python
