#include "converter/readers/numpy/pickled_scalar.h"

#include <cstring>
#include <string_view>

#include "converter/error.h"
#include "converter/readers/numpy/pickled_array.h"
#include "converter/readers/numpy/texts.h"

namespace dinghy::converter {
namespace {

template <class Number>
Number number_of(std::string_view bytes, const std::string& where) {
  Number number;
  if (bytes.size() != sizeof(number)) throw Error(where, "is a number of another size: the file is damaged");
  std::memcpy(&number, bytes.data(), sizeof(number));
  return number;
}

template <class Number>
ScalarValue integer_of(std::string_view bytes, const std::string& where) {
  return std::int64_t{number_of<Number>(bytes, where)};
}

// `type` is a name of NumPy's without the order of bytes.
std::optional<ScalarValue> plain_number(std::string_view type, std::string_view bytes, const std::string& where) {
  if (type == "b1") return number_of<std::uint8_t>(bytes, where) != 0;
  if (type == "i1") return integer_of<std::int8_t>(bytes, where);
  if (type == "i2") return integer_of<std::int16_t>(bytes, where);
  if (type == "i4") return integer_of<std::int32_t>(bytes, where);
  if (type == "i8") return integer_of<std::int64_t>(bytes, where);
  if (type == "u1") return integer_of<std::uint8_t>(bytes, where);
  if (type == "u2") return integer_of<std::uint16_t>(bytes, where);
  if (type == "u4") return integer_of<std::uint32_t>(bytes, where);
  if (type == "f4") return double{number_of<float>(bytes, where)};
  if (type == "f8") return number_of<double>(bytes, where);
  if (type != "u8") return std::nullopt;
  const auto value = number_of<std::uint64_t>(bytes, where);
  return value >> 63 ? std::nullopt : std::optional<ScalarValue>(static_cast<std::int64_t>(value));
}

}  // namespace

bool is_pickled_scalar(const Pickle& pickle, const PickleNode& node) {
  if (node.kind != PickleKind::object) return false;
  const std::string function = pickle.name_of(node);
  return function == "numpy.core.multiarray.scalar" || function == "numpy._core.multiarray.scalar";
}

std::optional<ScalarValue> pickled_scalar(const Pickle& pickle, const PickleNode& node, const std::string& where) {
  const PickleNode& arguments = pickle[node.items[1]];
  if (arguments.items.size() != 2) return std::nullopt;
  const PickleNode& bytes = pickle[arguments.items[1]];
  const bool plain = bytes.kind == PickleKind::bytes || bytes.kind == PickleKind::text;  // text: Python 2's str
  if (!plain) return std::nullopt;
  const std::string descr = pickled_descr(pickle, pickle[arguments.items[0]]);
  if (width_of_texts(descr)) return utf8_of_utf32(std::as_bytes(std::span(bytes.text)), where);
  if (descr.empty() || descr.starts_with('>')) return std::nullopt;
  return plain_number(std::string_view(descr).substr(1), bytes.text, where);
}

std::optional<std::string> text_of(const Pickle& pickle, const PickleNode& node, const std::string& where) {
  if (node.kind == PickleKind::text) return std::string(node.text);
  if (!is_pickled_scalar(pickle, node)) return std::nullopt;
  const std::optional<ScalarValue> value = pickled_scalar(pickle, node, where);
  const std::string* text = value ? std::get_if<std::string>(&*value) : nullptr;
  return text ? std::optional(*text) : std::nullopt;
}

}  // namespace dinghy::converter
