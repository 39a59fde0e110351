#include "converter/readers/numpy/npy.h"

#include <charconv>
#include <filesystem>
#include <optional>
#include <string_view>
#include <utility>

#include "converter/error.h"
#include "converter/readers/numpy/dtype.h"
#include "converter/readers/storage.h"
#include "converter/readers/tensor_bounds.h"
#include "converter/text/quotes.h"

namespace dinghy::converter {
namespace {

constexpr std::string_view kMagic = "\x93NUMPY";
constexpr std::uint64_t kMaxHeader = 1 << 16;

/// The header, a Python dict literal of three known keys: {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }
class HeaderParser {
 public:
  HeaderParser(std::string_view text, const std::string& where) : text_(text), where_(where) {}

  void parse() {
    expect('{');
    while (!accept('}')) {
      const std::string_view key = quoted();
      expect(':');
      if (key == "descr" && !descr)
        descr = quoted();
      else if (key == "fortran_order" && !fortran_order)
        fortran_order = boolean();
      else if (key == "shape" && !shape)
        shape = tuple();
      else
        fail("has an unknown or repeated key in its header");
      if (!accept(',')) {
        expect('}');
        break;
      }
    }
    skip_space();
    if (!text_.empty()) fail("has text behind its header");
    if (!descr || !fortran_order || !shape) fail("lacks a key in its header");
  }

  std::optional<std::string_view> descr;
  std::optional<bool> fortran_order;
  std::optional<std::vector<std::int64_t>> shape;

 private:
  [[noreturn]] void fail(const std::string& what) const { throw Error(where_, what + "; save it again with NumPy"); }

  void skip_space() { text_.remove_prefix(std::min(text_.find_first_not_of(" \n\t"), text_.size())); }

  bool accept(char c) {
    skip_space();
    if (!text_.starts_with(c)) return false;
    text_.remove_prefix(1);
    return true;
  }

  void expect(char c) {
    if (!accept(c)) fail(std::string("has a header without the '") + c + "' it needs");
  }

  std::string_view quoted() {
    skip_space();
    const char quote = text_.empty() ? '\0' : text_.front();
    const std::size_t end = text_.find(quote, 1);
    // A dtype with fields is a list here; an array of records is no tensor.
    if ((quote != '\'' && quote != '"') || end == std::string_view::npos) {
      fail("is an array of records, or its header is damaged");
    }
    const std::string_view result = text_.substr(1, end - 1);
    text_.remove_prefix(end + 1);
    return result;
  }

  bool boolean() {
    skip_space();
    for (const auto& [word, value] : {std::pair{std::string_view("True"), true}, {std::string_view("False"), false}}) {
      if (!text_.starts_with(word)) continue;
      text_.remove_prefix(word.size());
      return value;
    }
    fail("has a fortran_order that is neither True nor False");
  }

  std::vector<std::int64_t> tuple() {
    std::vector<std::int64_t> result;
    expect('(');
    while (!accept(')')) {
      skip_space();
      std::int64_t extent = 0;
      const auto [end, error] = std::from_chars(text_.data(), text_.data() + text_.size(), extent);
      if (error != std::errc()) fail("has a shape that is no tuple of numbers");
      text_.remove_prefix(static_cast<std::size_t>(end - text_.data()));
      accept('L');  // Python 2 wrote long integers so
      result.push_back(extent);
      if (!accept(',')) {
        expect(')');
        break;
      }
    }
    return result;
  }

  std::string_view text_;
  const std::string& where_;
};

/// Where the header lies: its first byte and its length.
std::pair<std::uint64_t, std::uint64_t> header_range(const Storage& bytes, const std::string& where) {
  const std::vector<std::byte> head = read_head(bytes, 12);
  const std::string_view text(reinterpret_cast<const char*>(head.data()), head.size());
  if (head.size() < 10 || !text.starts_with(kMagic)) {
    throw Error(where, "is no .npy file: it does not begin with the bytes of one");
  }
  const auto byte_at = [&](std::size_t i) { return static_cast<std::uint64_t>(head[i]); };
  const std::uint64_t version = byte_at(6);
  if (version < 1 || version > 3) throw Error(where, "has the unknown .npy version " + std::to_string(version));
  if (version == 1) return {10, byte_at(8) | byte_at(9) << 8};
  if (head.size() < 12) throw Error(where, "ends within its header");
  return {12, byte_at(8) | byte_at(9) << 8 | byte_at(10) << 16 | byte_at(11) << 24};
}

}  // namespace

NpyHeader read_npy_header(const Storage& bytes, const std::string& where) {
  const auto [begin, length] = header_range(bytes, where);
  if (length > kMaxHeader || begin + length > bytes.size()) throw Error(where, "ends within its header: truncated");
  std::string text(length, '\0');
  bytes.read(begin, std::as_writable_bytes(std::span(text)));
  HeaderParser header(text, where);
  header.parse();
  return {std::string(*header.descr), *header.fortran_order, std::move(*header.shape), begin + length};
}

Tensor read_npy(std::shared_ptr<const Storage> bytes, std::string name, const std::string& where) {
  NpyHeader header = read_npy_header(*bytes, where);
  Tensor tensor;
  tensor.name = std::move(name);
  tensor.dtype = read_numpy_dtype(header.descr, where);
  tensor.shape = std::move(header.shape);
  tensor.strides = dense_strides(tensor.shape, header.fortran_order, where);
  const std::uint64_t data = header.data;
  const std::uint64_t held = bytes->size() - data;
  const std::uint64_t count = tensor.numel();
  if (held / size_of(tensor.dtype) != count || held % size_of(tensor.dtype) != 0) {
    throw Error(where, "holds " + std::to_string(held) + " bytes of data, which is not " + tensor.shape_text() +
                           " of " + name_of(tensor.dtype) + ": truncated or damaged");
  }
  tensor.storage = std::make_shared<SliceStorage>(std::move(bytes), data, held);
  check_bounds(tensor, where);
  return tensor;
}

Checkpoint read_npz(const Archive& archive) {
  Checkpoint checkpoint{archive.path(), "npz", {}, {}};
  for (const std::string& member : archive.names()) {
    if (!member.ends_with(".npy")) throw Error(archive.place(member), "is no .npy array; an .npz holds nothing else");
    const std::string name = member.substr(0, member.size() - 4);
    checkpoint.tensors.push_back(read_npy(archive.storage(member), name, archive.place(member)));
  }
  return checkpoint;
}

Checkpoint read_npy_file(const std::string& path) {
  Checkpoint checkpoint{path, "npy", {}, {}};
  const std::string name = std::filesystem::path(path).stem().string();
  checkpoint.tensors.push_back(read_npy(std::make_shared<FileStorage>(path), name, path));
  return checkpoint;
}

}  // namespace dinghy::converter
