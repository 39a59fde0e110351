#include "converter/readers/numpy/id_list.h"

#include <nlohmann/json.hpp>
#include <vector>

#include "converter/error.h"
#include "converter/readers/numpy/npy.h"
#include "converter/readers/numpy/pickled_array.h"
#include "converter/readers/numpy/pickled_scalar.h"
#include "converter/readers/numpy/texts.h"
#include "converter/readers/storage.h"

namespace dinghy::converter {
namespace {

using Json = nlohmann::json;

std::string dump(const Json& list) { return list.dump(-1, ' ', false, Json::error_handler_t::replace); }

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
    list.push_back(utf8_of_utf32(characters, where));
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

std::optional<std::string> text_nodes(const Pickle& pickle, const PickleNode& objects, const std::string& where) {
  Json list = Json::array();
  for (const PickleId id : objects.items) {
    std::optional<std::string> text = text_of(pickle, pickle[id], where);
    if (!text) return std::nullopt;
    list.push_back(std::move(*text));
  }
  return dump(list);
}

}  // namespace

std::optional<std::string> id_list_of_pickle(const Pickle& pickle, const PickleNode& array, const std::string& where) {
  const PickledArray parts = pickled_array_parts(pickle, array, where);
  if (parts.shape.size() != 1 || parts.shape[0] < 0) return std::nullopt;
  const auto count = static_cast<std::uint64_t>(parts.shape[0]);
  if (parts.objects) {
    return parts.objects->items.size() == count ? text_nodes(pickle, *parts.objects, where) : std::nullopt;
  }
  const std::optional<std::size_t> width = width_of_texts(parts.descr);
  if (!width) return std::nullopt;
  return texts(*parts.bytes, 0, count, *width, where);
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
