#include "tests/converter/readers/onnx/onnx_writer.h"

#include "tests/converter/readers/odd_files.h"

namespace dinghy::converter::test {
namespace {

std::string varint(std::uint64_t value) {
  std::string bytes;
  while (value >= 0x80) {
    bytes += static_cast<char>(value | 0x80);
    value >>= 7;
  }
  return bytes + static_cast<char>(value);
}

std::string dims_fields(const std::vector<std::int64_t>& dims) {
  std::string packed;
  for (const std::int64_t extent : dims) packed += varint(static_cast<std::uint64_t>(extent));
  return bytes_field(1, packed);
}

}  // namespace

std::string varint_field(std::uint32_t field, std::uint64_t value) { return varint(field << 3) + varint(value); }

std::string bytes_field(std::uint32_t field, const std::string& bytes) {
  return varint(field << 3 | 2) + varint(bytes.size()) + bytes;
}

std::string onnx_tensor(const std::string& name, const std::vector<std::int64_t>& dims,
                        const std::vector<float>& numbers) {
  return dims_fields(dims) + varint_field(2, 1) + bytes_field(8, name) + bytes_field(9, bytes_of(numbers));
}

std::string onnx_external_tensor(const std::string& name, const std::vector<std::int64_t>& dims,
                                 const std::vector<std::pair<std::string, std::string>>& entries) {
  std::string tensor = dims_fields(dims) + varint_field(2, 1) + bytes_field(8, name);
  for (const auto& [key, value] : entries) tensor += bytes_field(13, bytes_field(1, key) + bytes_field(2, value));
  return tensor + varint_field(14, 1);
}

std::string onnx_node(const std::string& op, const std::vector<std::string>& inputs, const std::string& output,
                      const std::string& attributes) {
  std::string node;
  for (const std::string& input : inputs) node += bytes_field(1, input);
  return node + bytes_field(2, output) + bytes_field(4, op) + attributes;
}

std::string onnx_input(const std::string& name, int element_type, const std::vector<std::int64_t>& shape) {
  std::string dims;
  for (const std::int64_t extent : shape) {
    dims += bytes_field(1, extent < 0 ? bytes_field(2, "batch") : varint_field(1, static_cast<std::uint64_t>(extent)));
  }
  const std::string type = varint_field(1, static_cast<std::uint64_t>(element_type)) + bytes_field(2, dims);
  return bytes_field(1, name) + bytes_field(2, bytes_field(1, type));
}

std::string onnx_model(const std::string& graph_fields) {
  return varint_field(1, 8) + bytes_field(2, "pytorch") + bytes_field(7, graph_fields) +
         bytes_field(8, bytes_field(1, "") + varint_field(2, 17));
}

}  // namespace dinghy::converter::test
