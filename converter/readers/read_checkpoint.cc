#include "converter/readers/read_checkpoint.h"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <string_view>
#include <unordered_set>

#include "converter/error.h"
#include "converter/readers/keras/keras.h"
#include "converter/readers/numpy/npy.h"
#include "converter/readers/onnx/onnx.h"
#include "converter/readers/paddle/pdparams.h"
#include "converter/readers/safetensors/safetensors.h"
#include "converter/readers/sharded.h"
#include "converter/readers/storage.h"
#include "converter/readers/tensorflow/bundle.h"
#include "converter/readers/torch/distributed.h"
#include "converter/readers/torch/legacy.h"
#include "converter/readers/torch/zip.h"
#include "converter/readers/wrappers.h"
#include "converter/readers/xdl/xdl.h"
#include "converter/text/number_text.h"
#include "converter/text/quotes.h"
#include "converter/text/utf8.h"

namespace dinghy::converter {
namespace {

constexpr std::size_t kHead = 512;  // up to the magic of a tar header, at 257
constexpr std::size_t kMaxName = 1024;

Checkpoint read_zip(const std::string& path) {
  const std::shared_ptr<const Archive> archive = Archive::open(path);
  if (is_torch_zip(*archive)) return read_torch_zip(archive);
  if (is_keras_archive(*archive)) return read_keras_archive(*archive);
  if (archive->contains("model.weights.npz")) {
    throw Error(
        archive->place("model.weights.npz"),
        "is what Keras writes where h5py is missing, Python objects that are never loaded; install h5py, load the "
        "model and save it again");
  }
  const bool arrays = std::ranges::any_of(archive->names(), [](const auto& name) { return name.ends_with(".npy"); });
  if (arrays) return read_npz(*archive);
  throw Error(path,
              "is a zip archive, but holds no data.pkl (PyTorch), model.weights.h5 (Keras) or .npy arrays (NumPy)");
}

std::string hex(std::string_view head) {
  std::string text;
  for (const char c : head.substr(0, 8)) text += ' ' + hex_byte(static_cast<unsigned char>(c));
  return text;
}

/// Why a known format is not read, and the way out; nullptr for an unknown one.
const char* unread_format(std::string_view head) {
  if (head.substr(std::min<std::size_t>(head.size(), 257)).starts_with("ustar")) {
    return "is a tar archive of PyTorch 0.1; load and save it with PyTorch 1.6 or later";
  }
  return nullptr;
}

/// HugeCTR's NAME_dense_ITERATION.model has no magic: only its name can explain why it is not read.
bool is_hugectr_name(const std::string& path) {
  const std::string name = std::filesystem::path(path).filename().string();
  return name.find("_dense_") != std::string::npos && name.ends_with(".model");
}

// Files that an index names: what save_pretrained of transformers writes.
Checkpoint read_shard(const std::string& path) {
  const std::vector<std::byte> bytes = read_head(FileStorage(path), kHead);
  const std::string_view head(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (head.starts_with("PK")) return read_torch_zip(Archive::open(path));
  if (is_torch_legacy(head)) return read_torch_legacy(path);
  return read_safetensors(path);
}

Checkpoint read_file(const std::string& path) {
  const std::vector<std::byte> bytes = read_head(FileStorage(path), kHead);
  const std::string_view head(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (head.empty()) throw Error(path, "is empty");
  if (head.starts_with("PK")) return read_zip(path);
  if (head.starts_with("\x93NUMPY")) return read_npy_file(path);
  if (head.starts_with("\x89HDF\r\n\x1a\n")) return read_keras_h5(path);
  if (is_torch_legacy(head)) return read_torch_legacy(path);
  if (is_bare_pickle(head)) return read_pdparams(path);
  if (is_safetensors(head)) return read_safetensors(path);
  if (is_shard_index(head)) return read_sharded(path, read_shard);
  if (is_onnx(path)) return read_onnx(path);
  if (const char* reason = unread_format(head)) throw Error(path, reason);
  if (is_hugectr_name(path)) {
    throw Error(
        path,
        "looks like the dense weights of HugeCTR, numbers without names and shapes; cut them into the layers of "
        "the graph's JSON, save those and the embeddings as .npz, and describe the network in a recipe with "
        "preset = \"generic\"");
  }
  throw Error(path, "is of no known format (it begins with" + hex(head) + "); this build reads " + readable_formats());
}

Checkpoint read_folder(const std::string& path) {
  if (const auto found = find_distributed_checkpoint(path)) return read_distributed_checkpoint(*found);
  if (const auto file = find_model_file(path)) return read_file(*file);
  return read_xdl(path);
}

bool is_printable(const std::string& name) {
  const auto control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
  return !name.empty() && name.size() <= kMaxName && is_utf8(name) && std::ranges::none_of(name, control);
}

void check_names(const Checkpoint& checkpoint) {
  std::unordered_set<std::string_view> seen;
  for (const Tensor& tensor : checkpoint.tensors) {
    if (!is_printable(tensor.name)) {
      throw Error(checkpoint.path, "has a tensor whose name is empty, too long or not printable");
    }
    if (!seen.insert(tensor.name).second) {
      throw Error(checkpoint.path, "has two tensors named " + in_quotes(tensor.name));
    }
  }
}

}  // namespace

std::string readable_formats() {
  const std::string keras = kReadsKeras ? "Keras (.h5, .weights.h5, .keras), " : "";
  return "PyTorch (torch.save, torch.distributed.checkpoint), TensorFlow (checkpoints, SavedModel), " + keras +
         "safetensors, ONNX, NumPy (.npz, .npy), Paddle (.pdparams), and folders of XDL";
}

Checkpoint read_checkpoint(const std::string& path) {
  std::error_code error;
  const bool folder = std::filesystem::is_directory(path, error);
  const std::optional<BundlePath> bundle = find_bundle(path);
  Checkpoint checkpoint = bundle ? read_bundle(*bundle) : folder ? read_folder(path) : read_file(path);
  unwrap(checkpoint);
  check_names(checkpoint);
  return checkpoint;
}

}  // namespace dinghy::converter
