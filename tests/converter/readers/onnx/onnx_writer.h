// ONNX files for tests, field by field, as right or wrong as a test wants them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace dinghy::converter::test {

/// Fields of a protobuf message.
std::string varint_field(std::uint32_t field, std::uint64_t value);
std::string bytes_field(std::uint32_t field, const std::string& bytes);

/// TensorProto of float32 with raw bytes; and one whose bytes lie elsewhere.
std::string onnx_tensor(const std::string& name, const std::vector<std::int64_t>& dims,
                        const std::vector<float>& numbers);
std::string onnx_external_tensor(const std::string& name, const std::vector<std::int64_t>& dims,
                                 const std::vector<std::pair<std::string, std::string>>& entries);
/// NodeProto
std::string onnx_node(const std::string& op, const std::vector<std::string>& inputs, const std::string& output,
                      const std::string& attributes = "");
/// ValueInfoProto of int64 [batch] or float32 [batch, columns]
std::string onnx_input(const std::string& name, int element_type, const std::vector<std::int64_t>& shape);

/// ModelProto around the fields of a graph.
std::string onnx_model(const std::string& graph_fields);

}  // namespace dinghy::converter::test
