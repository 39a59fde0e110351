// Tensors as a checkpoint holds them: named, typed, strided views of bytes that may be larger than memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace dinghy::converter {

enum class DType { f16, bf16, f32, f64, i8, u8, i16, i32, i64, boolean };

/// Bytes per element.
std::size_t size_of(DType dtype);
/// "float32", "int64", …
const char* name_of(DType dtype);

/// Bytes of a checkpoint that can be read anywhere, any number of times. Implementations: a buffer in memory, a range
/// of a file, a member of an archive.
class Storage {
 public:
  virtual ~Storage() = default;
  virtual std::uint64_t size() const = 0;
  /// Fills `out` from `offset`. The caller stays inside size(). Throws Error when the bytes cannot be read.
  virtual void read(std::uint64_t offset, std::span<std::byte> out) const = 0;
};

/// A tensor. `offset` and `strides` count elements; row-major tensors have the strides that their shape implies.
/// Readers guarantee that every element lies inside the storage.
struct Tensor {
  std::string name;
  DType dtype = DType::f32;
  std::vector<std::int64_t> shape;    // empty: a scalar
  std::vector<std::int64_t> strides;  // as many as shape
  std::uint64_t offset = 0;
  std::shared_ptr<const Storage> storage;

  std::uint64_t numel() const;
  /// "[3707, 16]"
  std::string shape_text() const;
  /// True when both are views of the same elements: a table shared by two names.
  bool same_elements(const Tensor& other) const;

  /// Elements of rows [first, first + count) of the first dimension, in row-major order, converted to double or float.
  /// A scalar has one row. Used to stream tables; `out` has room for exactly those elements.
  void read_rows(std::uint64_t first, std::uint64_t count, std::span<float> out) const;
  void read_rows(std::uint64_t first, std::uint64_t count, std::span<double> out) const;
  /// All elements.
  std::vector<double> values() const;
};

/// A text that came with the tensors: the model configuration inside a Keras file, a vocabulary beside the checkpoint.
struct Document {
  std::string name;    // "model_config", "feature_map.json": what presets ask for
  std::string source;  // for errors and reports: "din.keras: config.json", "runs/feature_map.json"
  std::string text;
};

struct Graph;  // converter/graph.h

/// Weights of a network that a file holds several times: as they were trained last, as an average over the training.
struct Weights {
  std::string name;  // in a recipe's `weights`: where the file has them ("state_dict_ema")
  std::vector<Tensor> tensors;
  std::string refusal = {};  // why they cannot be taken; empty: they can
};

/// What a checkpoint holds, in the order in which it holds it (the order of a state_dict is the order of the features).
struct Checkpoint {
  std::string path;
  std::string format;  // "pytorch zip state_dict", "npz", … for reports
  std::vector<Tensor> tensors;
  /// Facts beside the tensors that a preset may use: hyper-parameters of a whole-module pickle or a pickled config, as
  /// flat "path = value" pairs, in the file's order ("config.embedding_size" = "8").
  std::vector<std::pair<std::string, std::string>> facts;
  /// Of a folder the names of the files that were read, sorted. None when `path` is the file.
  std::vector<std::string> files = {};
  /// Texts from inside the checkpoint (by its reader) and from files beside it (by readers/companions.h).
  std::vector<Document> documents = {};
  /// The computation, where the format holds it (ONNX); else nullptr.
  std::shared_ptr<const Graph> graph = nullptr;

  /// Lists of whole numbers that the graph beside the tensors holds (TensorFlow's .meta): a network may look ids up in
  /// them.
  std::vector<Tensor> constants = {};
  /// Tensors that no network is made of, with the reason: an optimizer's state, counters. They are not in `tensors`.
  std::vector<std::pair<std::string, std::string>> left_out = {};

  /// What was taken off and folded to get at the network's own tensors, in words.
  std::vector<std::string> unwrapped = {};
  /// The order of `tensors` says nothing: the file sorts them by name, or is one of several files.
  bool order_lost = false;
  /// What `tensors` are called where there are `alternatives`.
  std::string weights = {};
  /// All other weights of the same network, tensor by tensor as `tensors`.
  std::vector<Weights> alternatives = {};
  /// Where a fact or document could be and the file has something else, which was not read: the path, and what is
  /// there.
  std::vector<std::pair<std::string, std::string>> unread = {};

  /// nullptr when there is no tensor of this name.
  const Tensor* find(const std::string& name) const;
  /// nullptr when there is no document of this name. Throws Error where one is `unread`.
  const Document* find_document(const std::string& name) const;
  /// Throws Error where the file has something at this path of a fact or document that is `unread`, or facts inside it:
  /// that must not pass as absent.
  void refuse_unread(const std::string& path) const;
};

/// True where nothing shows that tensors do not stand in the order of their names.
bool sorted_by_name(std::span<const Tensor> tensors);

}  // namespace dinghy::converter
