#include "converter/readers/onnx/onnx.h"

#include <algorithm>
#include <filesystem>

#include "converter/error.h"
#include "converter/graph.h"
#include "converter/readers/onnx/external_data.h"
#include "converter/readers/onnx/tensor.h"
#include "converter/readers/protobuf/message.h"
#include "converter/readers/storage.h"
#include "converter/text/quotes.h"

namespace dinghy::converter {
namespace {

constexpr std::size_t kMaxNodes = 100'000;  // a DIN has a few hundred
constexpr std::uint64_t kMaxVersion = 1000;

// Field numbers of onnx.proto.
enum ModelField { kIrVersion = 1, kGraph = 7, kOpsetImport = 8, kFunctions = 25 };

class Reader {
 public:
  explicit Reader(const std::string& path)
      : file_(std::make_shared<FileStorage>(path)), external_(path), graph_(std::make_shared<Graph>()) {
    checkpoint_.path = path;
    checkpoint_.format = "ONNX";
  }

  Checkpoint read() {
    ProtobufMessage model(file_, checkpoint_.path);
    while (model.next()) {
      if (model.field() == kGraph) read_graph(model.message());
      if (model.field() == kOpsetImport) read_opset(model.message());
      if (model.field() == kFunctions) {
        fail("holds functions, which are not read here; export it with them inlined (onnx.inliner)");
      }
    }
    // Before IR version 4 initialisers were inputs too.
    std::erase_if(graph_->inputs, [&](const GraphInput& input) { return checkpoint_.find(input.name) != nullptr; });
    checkpoint_.graph = graph_;
    name_files();
    return std::move(checkpoint_);
  }

 private:
  [[noreturn]] void fail(const std::string& what) const { throw Error(checkpoint_.path, what); }

  // With data beside the model the checkpoint is their folder, so that its hash covers them too.
  void name_files() {
    checkpoint_.files = external_.files();
    if (checkpoint_.files.empty()) return;
    const std::filesystem::path model(checkpoint_.path);
    checkpoint_.files.push_back(model.filename().string());
    std::ranges::sort(checkpoint_.files);
    checkpoint_.path = model.has_parent_path() ? model.parent_path().string() : ".";
  }

  void read_opset(ProtobufMessage message) {
    std::string domain;
    std::int64_t version = 0;
    while (message.next()) {
      if (message.field() == 1) domain = message.text();
      if (message.field() == 2) version = static_cast<std::int64_t>(message.varint());
    }
    if (domain.empty() || domain == "ai.onnx") graph_->opset = version;
  }

  void read_graph(ProtobufMessage message) {
    while (message.next()) {
      switch (message.field()) {
        case 1:
          read_node(message.message());
          break;
        case 5:
          checkpoint_.tensors.push_back(read_onnx_tensor(message.message(), file_, external_, checkpoint_.path));
          break;
        case 11:
          graph_->inputs.push_back(read_input(message.message()));
          break;
        case 12:
          graph_->outputs.push_back(read_input(message.message()).name);
          break;
        case 15:
          fail("holds sparse initialisers, which are not read here; export them dense");
        default:
          break;
      }
    }
  }

  void read_node(ProtobufMessage message) {
    if (graph_->nodes.size() == kMaxNodes) fail("has more than " + std::to_string(kMaxNodes) + " nodes");
    GraphNode node;
    std::string domain;
    while (message.next()) {
      switch (message.field()) {
        case 1:
          node.inputs.push_back(message.text());
          break;
        case 2:
          node.outputs.push_back(message.text());
          break;
        case 3:
          node.name = message.text();
          break;
        case 4:
          node.op = message.text();
          break;
        case 5:
          node.attributes.push_back(read_attribute(message.message()));
          break;
        case 7:
          domain = message.text();
          break;
        default:
          break;
      }
    }
    if (!domain.empty() && domain != "ai.onnx") node.op = domain + "::" + node.op;
    graph_->nodes.push_back(std::move(node));
  }

  GraphAttribute read_attribute(ProtobufMessage message) {
    GraphAttribute attribute;
    while (message.next()) {
      switch (message.field()) {
        case 1:
          attribute.name = message.text();
          break;
        case 2:
          attribute.floats.push_back(static_cast<double>(message.float32()));
          break;
        case 3:
        case 8:
          message.append_varints(attribute.ints);
          break;
        case 5:
          attribute.tensor = read_onnx_tensor(message.message(), file_, external_, checkpoint_.path);
          break;
        case 6:
        case 11:
          fail("has a node with a graph inside (If, Loop, Scan), which is not read here");
        case 7:
          message.append_floats(attribute.floats);
          break;
        default:
          break;
      }
    }
    return attribute;
  }

  // ValueInfoProto; a dimension without a number, or with a name, has any extent.
  static GraphInput read_input(ProtobufMessage message) {
    GraphInput input;
    while (message.next()) {
      if (message.field() == 1) input.name = message.text();
      if (message.field() != 2) continue;
      ProtobufMessage type = message.message();
      while (type.next()) {
        if (type.field() == 1) read_tensor_type(type.message(), input);
      }
    }
    return input;
  }

  static void read_tensor_type(ProtobufMessage type, GraphInput& input) {
    while (type.next()) {
      if (type.field() == 1) {
        const std::optional<DType> dtype = onnx_dtype(type.varint());
        input.integer =
            dtype && *dtype != DType::f16 && *dtype != DType::bf16 && *dtype != DType::f32 && *dtype != DType::f64;
        input.truth = dtype == DType::boolean;
      }
      if (type.field() != 2) continue;
      ProtobufMessage shape = type.message();
      while (shape.next()) {
        if (shape.field() == 1) input.shape.push_back(extent_of(shape.message()));
      }
    }
  }

  static std::int64_t extent_of(ProtobufMessage dimension) {
    std::int64_t extent = -1;
    while (dimension.next()) {
      if (dimension.field() == 1) extent = static_cast<std::int64_t>(dimension.varint());
    }
    return extent > 0 ? extent : -1;
  }

  std::shared_ptr<const Storage> file_;
  ExternalData external_;
  std::shared_ptr<Graph> graph_;
  Checkpoint checkpoint_;
};

}  // namespace

bool is_onnx(const std::string& path) {
  try {
    ProtobufMessage model(std::make_shared<FileStorage>(path), path);
    if (!model.next() || model.field() != kIrVersion || model.varint() > kMaxVersion) return false;
    bool graph = false;
    while (model.next()) graph |= model.field() == kGraph && model.is_bytes();
    return graph;
  } catch (const Error&) {
    return false;
  }
}

Checkpoint read_onnx(const std::string& path) { return Reader(path).read(); }

}  // namespace dinghy::converter
