#include "converter/readers/numpy/id_list.h"

#include <charconv>
#include <nlohmann/json.hpp>
#include <string_view>
#include <vector>

#include "converter/error.h"
#include "converter/readers/numpy/npy.h"
#include "converter/readers/numpy/pickled_array.h"
#include "converter/readers/storage.h"

namespace dinghy::converter {
namespace {

using Json = nlohmann::json;

std::string dump(const Json& list) { return list.dump(-1, ' ', false, Json::error_handler_t::replace); }

// UTF-32, little-endian, as NumPy keeps texts; zeros fill a text up to the width of its array.
std::string utf8_of(std::span<const std::byte> characters, const std::string& where) {
  std::string text;
  for (std::size_t i = 0; i + 4 <= characters.size(); i += 4) {
    const auto byte = [&](std::size_t k) { return static_cast<std::uint32_t>(characters[i + k]); };
    const std::uint32_t code = byte(0) | byte(1) << 8 | byte(2) << 16 | byte(3) << 24;
    if (code == 0) break;
    if (code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) {
      throw Error(where, "holds a character that is none: the file is damaged");
    }
    const auto tail = [&](unsigned shift) { text += static_cast<char>(0x80 | ((code >> shift) & 0x3f)); };
    if (code < 0x80) {
      text += static_cast<char>(code);
    } else if (code < 0x800) {
      text += static_cast<char>(0xc0 | code >> 6);
      tail(0);
    } else if (code < 0x10000) {
      text += static_cast<char>(0xe0 | code >> 12);
      tail(6), tail(0);
    } else {
      text += static_cast<char>(0xf0 | code >> 18);
      tail(12), tail(6), tail(0);
    }
  }
  return text;
}

// "<U5": texts of 5 characters.
std::optional<std::size_t> width_of_texts(std::string_view descr) {
  if (!descr.starts_with("<U")) return std::nullopt;
  std::size_t width = 0;
  const auto [stop, error] = std::from_chars(descr.data() + 2, descr.data() + descr.size(), width);
  if (error != std::errc() || stop != descr.data() + descr.size() || width > (1u << 20)) return std::nullopt;
  return width;
}

std::string texts(const Storage& bytes, std::uint64_t begin, std::uint64_t count, std::size_t width,
                  const std::string& where) {
  const std::uint64_t held = bytes.size() - begin;
  if (width == 0 ? held != 0 : (held / (4 * width) != count || held % (4 * width) != 0)) {
    throw Error(where, "holds " + std::to_string(held) + " bytes, which is not " + std::to_string(count) +
                           " texts: truncated or damaged");
  }
  Json list = Json::array();
  std::vector<std::byte> characters(4 * width);
  for (std::uint64_t i = 0; i < (width == 0 ? 0 : count); ++i) {
    bytes.read(begin + i * characters.size(), characters);
    list.push_back(utf8_of(characters, where));
  }
  return dump(list);
}

bool is_whole(DType dtype) {
  return dtype == DType::i8 || dtype == DType::u8 || dtype == DType::i16 || dtype == DType::i32 || dtype == DType::i64;
}

std::string numbers(const Tensor& tensor) {
  if (tensor.dtype != DType::i64) {
    const std::vector<double> values = tensor.values();
    return dump(Json(std::vector<std::int64_t>(values.begin(), values.end())));
  }
  std::vector<std::int64_t> values(tensor.numel());  // a double would round ids beyond 2^53
  tensor.storage->read(tensor.offset * sizeof(std::int64_t), std::as_writable_bytes(std::span(values)));
  return dump(Json(values));
}

std::optional<std::string> text_nodes(const Pickle& pickle, const PickleNode& objects) {
  Json list = Json::array();
  for (const PickleId id : objects.items) {
    if (pickle[id].kind != PickleKind::text) return std::nullopt;
    list.push_back(std::string(pickle[id].text));
  }
  return dump(list);
}

}  // namespace

std::optional<std::string> id_list_of_pickle(const Pickle& pickle, const PickleNode& array, const std::string& where) {
  const PickledArray parts = pickled_array_parts(pickle, array, where);
  if (parts.shape.size() != 1 || parts.shape[0] < 0) return std::nullopt;
  const auto count = static_cast<std::uint64_t>(parts.shape[0]);
  if (parts.objects) {
    return parts.objects->items.size() == count ? text_nodes(pickle, *parts.objects) : std::nullopt;
  }
  const std::optional<std::size_t> width = width_of_texts(parts.descr);
  if (!width) return std::nullopt;
  return texts(*parts.bytes, 0, count, *width, where);
}

std::optional<std::string> text_of(const Pickle& pickle, const PickleNode& node, const std::string& where) {
  if (node.kind == PickleKind::text) return std::string(node.text);
  if (node.kind != PickleKind::object) return std::nullopt;
  const std::string function = pickle.name_of(node);
  if (function != "numpy.core.multiarray.scalar" && function != "numpy._core.multiarray.scalar") return std::nullopt;
  const PickleNode& arguments = pickle[node.items[1]];
  if (arguments.items.size() != 2) return std::nullopt;
  const PickleNode& bytes = pickle[arguments.items[1]];
  if (bytes.kind != PickleKind::bytes || !width_of_texts(pickled_descr(pickle, pickle[arguments.items[0]], where))) {
    return std::nullopt;
  }
  return utf8_of(std::as_bytes(std::span(bytes.text)), where);
}

std::optional<std::string> id_list_of_npy(std::shared_ptr<const Storage> bytes, const std::string& where) {
  const NpyHeader header = read_npy_header(*bytes, where);
  if (header.shape.size() != 1) return std::nullopt;
  if (const std::optional<std::size_t> width = width_of_texts(header.descr)) {
    return texts(*bytes, header.data, static_cast<std::uint64_t>(header.shape[0]), *width, where);
  }
  if (header.descr == "|O") {  // a pickle of the array, which NumPy writes for Python's own texts
    const auto all = std::make_shared<std::vector<std::byte>>(bytes->size());
    bytes->read(0, *all);
    const Pickle pickle = Pickle::parse(std::shared_ptr<const std::vector<std::byte>>(all), header.data, where);
    const PickleNode& array = pickle[pickle.root()];
    return is_pickled_array(pickle, array) ? id_list_of_pickle(pickle, array, where) : std::nullopt;
  }
  if (header.descr.find_first_of("iu") == std::string::npos) return std::nullopt;
  const Tensor tensor = read_npy(std::move(bytes), "", where);
  return is_whole(tensor.dtype) ? std::optional(numbers(tensor)) : std::nullopt;
}

}  // namespace dinghy::converter
