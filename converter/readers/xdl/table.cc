#include "converter/readers/xdl/table.h"

#include <charconv>
#include <cstring>
#include <unordered_set>

#include "converter/error.h"
#include "converter/readers/storage.h"
#include "converter/readers/tensor_bounds.h"
#include "converter/text/text_lines.h"

namespace dinghy::converter {
namespace {

template <class Value>
Tensor tensor_of(std::string name, DType dtype, std::vector<std::int64_t> shape, const std::vector<Value>& values) {
  std::vector<std::byte> bytes(values.size() * sizeof(Value));
  if (!bytes.empty()) std::memcpy(bytes.data(), values.data(), bytes.size());
  Tensor tensor{std::move(name), dtype, std::move(shape), {}, 0, std::make_shared<BufferStorage>(std::move(bytes))};
  tensor.strides = dense_strides(tensor.shape, false, tensor.name);
  return tensor;
}

class TableParser {
 public:
  explicit TableParser(const TextLines& lines) : lines_(lines) {}

  void parse_line(std::string_view line) {
    std::int64_t id = 0;
    const char* at = number(line.data(), line, id);
    if (!seen_.insert(id).second) fail("has the id " + std::to_string(id) + " a second time");
    ids.push_back(id);
    std::size_t width = 0;
    while (at != line.data() + line.size()) {
      if (*at != ',') fail("is no row `id,number,number,…`");
      float value = 0;
      at = number(at + 1, line, value);
      values.push_back(value);
      ++width;
    }
    if (lines_.number() == 1) dim = width;
    if (width == 0 || width != dim) {
      fail("has " + std::to_string(width) + " numbers, the first row " + std::to_string(dim));
    }
  }

  std::vector<std::int64_t> ids;
  std::vector<float> values;
  std::size_t dim = 0;

 private:
  [[noreturn]] void fail(const std::string& what) const { throw Error(lines_.where(), what); }

  template <class Number>
  const char* number(const char* begin, std::string_view line, Number& value) const {
    const auto [end, error] = std::from_chars(begin, line.data() + line.size(), value);
    if (error != std::errc()) fail("is no row `id,number,number,…`");
    return end;
  }

  const TextLines& lines_;
  std::unordered_set<std::int64_t> seen_;
};

}  // namespace

std::pair<Tensor, Tensor> read_xdl_table(const std::string& path, const std::string& name) {
  TextLines lines(path, "sparse.txt names this table");
  TableParser parser(lines);
  for (std::string line; lines.next(line);) parser.parse_line(line);
  if (parser.ids.empty()) throw Error(path, "is an empty table");
  const auto rows = static_cast<std::int64_t>(parser.ids.size());
  return {tensor_of(name, DType::f32, {rows, static_cast<std::int64_t>(parser.dim)}, parser.values),
          tensor_of(name + "/ids", DType::i64, {rows}, parser.ids)};
}

}  // namespace dinghy::converter
