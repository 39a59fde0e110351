#include "converter/readers/safetensors/safetensors.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <optional>

#include "converter/error.h"
#include "converter/readers/storage.h"
#include "converter/readers/tensor_bounds.h"
#include "converter/text/quotes.h"

namespace dinghy::converter {
namespace {

using Json = nlohmann::json;

constexpr std::uint64_t kPrefix = 8;               // the header's length
constexpr std::uint64_t kMaxHeader = 100'000'000;  // the format's own limit
constexpr int kMaxDepth = 3;                       // header, tensor, shape
constexpr const char* kMetadata = "__metadata__";

constexpr std::array<std::pair<std::string_view, DType>, 10> kTypes{{
    {"F16", DType::f16},
    {"BF16", DType::bf16},
    {"F32", DType::f32},
    {"F64", DType::f64},
    {"I8", DType::i8},
    {"U8", DType::u8},
    {"I16", DType::i16},
    {"I32", DType::i32},
    {"I64", DType::i64},
    {"BOOL", DType::boolean},
}};

std::uint64_t header_length(std::string_view head) {
  std::uint64_t length = 0;
  for (std::size_t i = kPrefix; i-- > 0;) length = length << 8 | static_cast<unsigned char>(head[i]);
  return length;
}

// The bytes of a tensor, from the start of the buffer behind the header.
struct Range {
  std::uint64_t begin, end;
  std::size_t tensor;  // in Checkpoint::tensors
};

class HeaderReader {
 public:
  HeaderReader(const std::string& path, std::uint64_t buffer_size) : path_(path), buffer_size_(buffer_size) {}

  /// Consumes the entries one by one, so that the header never stands in memory as a tree.
  void read(std::string_view text, const std::shared_ptr<const Storage>& buffer) {
    const auto consume = [&](int depth, Json::parse_event_t event, Json& value) {
      if (depth > kMaxDepth) fail("nests deeper than a safetensors header does");
      if (depth == 0 && event == Json::parse_event_t::array_start) fail("is no JSON object");
      if (depth == 1 && event == Json::parse_event_t::key) name_ = value.get<std::string>();
      if (depth != 1 || event != Json::parse_event_t::object_end) return true;
      name_ == kMetadata ? add_metadata(value) : add_tensor(value, buffer);
      return false;
    };
    const Json left = Json::parse(text, consume, false);
    if (!left.is_object()) fail("is no valid JSON");
    if (!left.empty()) fail("has " + in_quotes(left.begin().key()) + ", which describes no tensor");
    check_ranges();
  }

  std::vector<Tensor> tensors;
  std::vector<std::pair<std::string, std::string>> facts;

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw Error(path_, "its header " + what + "; the file is damaged or no safetensors file");
  }
  [[noreturn]] void fail_tensor(const std::string& what) const {
    throw Error(path_ + ": tensor " + in_quotes(name_), what);
  }

  void add_metadata(const Json& texts) {
    for (const auto& [key, value] : texts.items()) {
      if (value.is_string()) facts.emplace_back("metadata." + key, value.get<std::string>());
    }
  }

  void add_tensor(const Json& entry, const std::shared_ptr<const Storage>& buffer) {
    Tensor tensor;
    tensor.name = name_;
    tensor.dtype = dtype(entry);
    for (const std::uint64_t extent : numbers(entry, "shape")) {
      tensor.shape.push_back(static_cast<std::int64_t>(extent));  // one that is too large turns negative: refused next
    }
    const std::string where = path_ + ": tensor " + in_quotes(name_);
    tensor.strides = dense_strides(tensor.shape, false, where);
    const std::vector<std::uint64_t> range = numbers(entry, "data_offsets");
    if (range.size() != 2 || range[0] > range[1] || range[1] > buffer_size_) {
      fail_tensor("reaches outside the file: it is truncated or damaged");
    }
    const std::uint64_t held = range[1] - range[0];
    if (held / size_of(tensor.dtype) != tensor.numel() || held % size_of(tensor.dtype) != 0) {
      fail_tensor("has " + std::to_string(held) + " bytes, which is not " + tensor.shape_text() + " of " +
                  name_of(tensor.dtype) + ": the file is damaged");
    }
    tensor.storage = std::make_shared<SliceStorage>(buffer, range[0], held);
    check_bounds(tensor, path_);
    ranges_.push_back({range[0], range[1], tensors.size()});
    tensors.push_back(std::move(tensor));
  }

  DType dtype(const Json& entry) const {
    const auto found = entry.find("dtype");
    if (found == entry.end() || !found->is_string()) fail_tensor("has no dtype: the file is damaged");
    const auto& name = found->get_ref<const std::string&>();
    for (const auto& [known, type] : kTypes) {
      if (name == known) return type;
    }
    fail_tensor("has the dtype " + in_quotes(name) + "; save it as F32, F16 or BF16");
  }

  std::vector<std::uint64_t> numbers(const Json& entry, const char* key) const {
    const auto found = entry.find(key);
    std::vector<std::uint64_t> result;
    if (found == entry.end() || !found->is_array()) fail_tensor(std::string("has no ") + key + ": the file is damaged");
    for (const Json& number : *found) {
      if (!number.is_number_unsigned()) {
        fail_tensor(std::string("has a ") + key + " that is not of numbers from 0 up: the file is damaged");
      }
      result.push_back(number.get<std::uint64_t>());
    }
    return result;
  }

  // The format forbids holes and overlaps: a file could hide something, or claim more tensors than it has bytes.
  void check_ranges() {
    std::ranges::sort(ranges_, {}, [](const Range& range) { return std::pair(range.begin, range.end); });
    std::uint64_t end = 0;
    for (const Range& range : ranges_) {
      if (range.begin != end) {
        name_ = tensors[range.tensor].name;
        fail_tensor(range.begin < end ? "overlaps another: the file is damaged"
                                      : "has unused bytes before it: the file is damaged");
      }
      end = range.end;
    }
    if (end != buffer_size_) {
      throw Error(path_, "has " + std::to_string(buffer_size_ - end) + " bytes behind its last tensor: it is damaged");
    }
  }

  const std::string& path_;
  std::uint64_t buffer_size_;
  std::string name_;
  std::vector<Range> ranges_;
};

}  // namespace

bool is_safetensors(std::string_view head) {
  return head.size() > kPrefix && head[kPrefix] == '{' && header_length(head) <= kMaxHeader;
}

Checkpoint read_safetensors(const std::string& path) {
  const auto file = std::make_shared<FileStorage>(path);
  const std::vector<std::byte> head = read_head(*file, kPrefix);
  if (head.size() < kPrefix) throw Error(path, "ends within the length of its header: it is truncated");
  const std::uint64_t length = header_length({reinterpret_cast<const char*>(head.data()), head.size()});
  if (length > kMaxHeader || length > file->size() - kPrefix) {
    throw Error(path, "ends within its header: it is truncated or no safetensors file");
  }
  std::string text(length, '\0');
  file->read(kPrefix, std::as_writable_bytes(std::span(text)));
  const std::uint64_t buffer_size = file->size() - kPrefix - length;
  HeaderReader header(path, buffer_size);
  header.read(text, std::make_shared<SliceStorage>(file, kPrefix + length, buffer_size));
  if (header.tensors.empty()) throw Error(path, "holds no tensors");
  Checkpoint checkpoint{path, "safetensors", std::move(header.tensors), std::move(header.facts)};
  checkpoint.order_lost = true;  // its own writer sorts by name
  return checkpoint;
}

}  // namespace dinghy::converter
