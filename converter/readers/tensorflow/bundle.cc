#include "converter/readers/tensorflow/bundle.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <map>
#include <set>
#include <span>

#include "converter/error.h"
#include "converter/readers/path_inside.h"
#include "converter/readers/storage.h"
#include "converter/readers/tensor_bounds.h"
#include "converter/readers/tensorflow/bundle_entry.h"
#include "converter/readers/tensorflow/crc32c.h"
#include "converter/readers/tensorflow/index_table.h"
#include "converter/readers/tensorflow/keras_metadata.h"
#include "converter/readers/tensorflow/meta_graph.h"
#include "converter/readers/tensorflow/object_graph.h"
#include "converter/readers/tensorflow/partitioned.h"
#include "converter/readers/tensorflow/training_state.h"
#include "converter/readers/tensorflow/variable_names.h"
#include "converter/text/quotes.h"

namespace dinghy::converter {
namespace {

constexpr std::uint64_t kMaxChecked = 64ull << 20;
const std::string kObjectGraph = "_CHECKPOINTABLE_OBJECT_GRAPH";

class Bundle {
 public:
  explicit Bundle(const BundlePath& path)
      : path_(path), base_(path.folder + "/" + path.prefix), where_(base_ + ".index") {
    entries_ = read_index_table(FileStorage(where_), where_);
    const auto header = entries_.find("");
    if (header == entries_.end()) throw Error(where_, "has no header: no TensorFlow checkpoint, or damaged");
    shards_ = read_bundle_header(header->second, where_);
    files_.push_back(path.prefix + ".index");
  }

  const std::string& where() const { return where_; }

  /// Keys of whole variables. Those of parts begin with a zero byte, the header's is empty.
  std::set<std::string> keys() const {
    std::set<std::string> keys;
    for (const auto& [key, message] : entries_) {
      if (!key.empty() && key.front() != '\0') keys.insert(key);
    }
    return keys;
  }

  BundleEntry entry(const std::string& key) const {
    const auto found = entries_.find(key);
    if (found == entries_.end()) throw Error(where_, "lacks a part of a partitioned variable: truncated or damaged");
    return read_bundle_entry(found->second, where_);
  }

  Tensor tensor(const std::string& key, const BundleEntry& entry, DType dtype) {
    if (entry.slices.empty()) return whole_tensor(key, entry, dtype);
    std::map<std::int64_t, Tensor> parts;  // by their first row
    for (const std::vector<SliceExtent>& slice : entry.slices) {
      check_slice(key, entry, slice);
      parts[slice[0].start] = whole_tensor(key, this->entry(slice_key(key, slice)), dtype);
    }
    std::vector<Tensor> rows;
    std::int64_t end = 0;
    for (auto& [start, part] : parts) {
      if (start != end || part.shape.empty())
        throw Error(where_, "the parts of " + in_quotes(key) + " have gaps or overlap");
      end += part.shape[0];
      rows.push_back(std::move(part));
    }
    Tensor joined = join_rows(key, rows, where_);
    if (joined.shape != entry.shape) throw Error(where_, "the parts of " + in_quotes(key) + " are not all there");
    return joined;
  }

  /// Key -> the variable's own name, of a checkpoint that has an object graph.
  std::map<std::string, std::string> own_names() {
    if (!entries_.contains(kObjectGraph)) return {};
    const BundleEntry entry = this->entry(kObjectGraph);
    return read_object_graph(bytes_of(kObjectGraph, entry), where_ + ": " + kObjectGraph);
  }

  const std::vector<std::string>& files() const { return files_; }

 private:
  Tensor whole_tensor(const std::string& key, const BundleEntry& entry, DType dtype) {
    Tensor tensor;
    tensor.name = key;
    tensor.dtype = dtype;
    tensor.shape = entry.shape;
    tensor.strides = dense_strides(tensor.shape, false, where_ + ": " + in_quotes(key));
    tensor.storage = bytes_of(key, entry);
    if (entry.dtype != 0 && bundle_dtype(entry.dtype) != dtype)
      throw Error(where_, in_quotes(key) + " has parts of several types");
    if (entry.size / size_of(dtype) != tensor.numel() || entry.size % size_of(dtype) != 0) {
      throw Error(where_, in_quotes(key) + " has " + std::to_string(entry.size) + " bytes, which is not " +
                              tensor.shape_text() + " of " + name_of(dtype) + ": damaged");
    }
    check_bounds(tensor, where_);
    check_bytes(key, entry, *tensor.storage);
    return tensor;
  }

  std::shared_ptr<const Storage> bytes_of(const std::string& key, const BundleEntry& entry) {
    const std::shared_ptr<const Storage>& file = shard(entry.shard);
    if (entry.offset > file->size() || entry.size > file->size() - entry.offset) {
      throw Error(base_, "the .data file ends before " + in_quotes(key) + ": truncated, or of another checkpoint");
    }
    // Each is read for its checksum: variables in one place could ask for any amount of time.
    std::uint64_t& used = used_[entry.shard];
    if (entry.size > file->size() - used) {
      throw Error(base_,
                  "the .data file has fewer bytes than its variables, up to " + in_quotes(key) + ": they overlap");
    }
    used += entry.size;
    return std::make_shared<SliceStorage>(file, entry.offset, entry.size);
  }

  const std::shared_ptr<const Storage>& shard(std::uint64_t index) {
    if (index >= shards_) throw Error(where_, "names a .data file that there is not: damaged");
    std::shared_ptr<const Storage>& file = data_[index];
    if (file) return file;
    std::array<char, 32> suffix;
    std::snprintf(suffix.data(), suffix.size(), ".data-%05d-of-%05d", static_cast<int>(index),
                  static_cast<int>(shards_));
    file = std::make_shared<FileStorage>(path_inside(path_.folder, path_.prefix + suffix.data(), where_));
    files_.push_back(path_.prefix + suffix.data());
    return file;
  }

  void check_bytes(const std::string& key, const BundleEntry& entry, const Storage& bytes) const {
    if (bytes.size() > kMaxChecked) return;
    std::vector<std::byte> piece(1 << 20);
    std::uint32_t crc = 0;
    for (std::uint64_t offset = 0; offset < bytes.size(); offset += piece.size()) {
      const std::span<std::byte> part =
          std::span(piece).first(std::min<std::uint64_t>(piece.size(), bytes.size() - offset));
      bytes.read(offset, part);
      crc = crc32c(crc, {reinterpret_cast<const char*>(part.data()), part.size()});
    }
    if (masked_crc32c(crc) != entry.checksum)
      throw Error(base_, in_quotes(key) + " has a wrong checksum: the .data file is damaged");
  }

  void check_slice(const std::string& key, const BundleEntry& entry, const std::vector<SliceExtent>& slice) const {
    bool rows_only = slice.size() == entry.shape.size() && !slice.empty();
    for (std::size_t d = 1; rows_only && d < slice.size(); ++d) {
      rows_only = slice[d].length < 0 || (slice[d].start == 0 && slice[d].length == entry.shape[d]);
    }
    if (!rows_only) throw Error(where_, in_quotes(key) + " is partitioned by columns; save it in one piece");
  }

  BundlePath path_;
  std::string base_, where_;
  std::map<std::string, std::string, std::less<>> entries_;
  std::uint64_t shards_ = 0;
  std::map<std::uint64_t, std::shared_ptr<const Storage>> data_;
  std::map<std::uint64_t, std::uint64_t> used_;  // bytes of each that variables have
  std::vector<std::string> files_;
};

std::string format_of(const BundlePath& path, bool object_graph) {
  if (path.prefix == "variables/variables") return "tensorflow SavedModel";
  return std::string(object_graph ? "tensorflow object checkpoint " : "tensorflow checkpoint ") + path.prefix;
}

// The layers of a model of Keras 2, as a file of Keras has them.
void add_keras_metadata(Checkpoint& checkpoint, const BundlePath& path) {
  const std::string name = "keras_metadata.pb";
  const std::filesystem::path place = std::filesystem::path(path.folder) / name;
  if (path.prefix != "variables/variables" || !std::filesystem::exists(place)) return;
  auto metadata = read_keras_metadata(path_inside(path.folder, name, place.string()));
  if (!metadata) return;
  checkpoint.documents.push_back({"model_config", place.string(), std::move(*metadata)});
  checkpoint.files.push_back(name);
}

}  // namespace

Checkpoint read_bundle(const BundlePath& path) {
  Bundle bundle(path);
  const std::map<std::string, std::string> own_names = bundle.own_names();
  Checkpoint checkpoint{path.folder, format_of(path, !own_names.empty()), {}, {}};
  std::set<std::string> whole;
  for (const std::string& key : bundle.keys()) whole.insert(without_part(key));
  Weights averages{"ExponentialMovingAverage", {}};
  for (const std::string& key : in_natural_order(bundle.keys())) {
    if (key == kObjectGraph) continue;
    const BundleEntry entry = bundle.entry(key);
    const std::optional<DType> dtype = bundle_dtype(entry.dtype);
    const std::string averaged = averaged_variable(key, whole);
    if (dtype && !averaged.empty()) {
      averages.tensors.push_back(bundle.tensor(key, entry, *dtype));
      averages.tensors.back().name = averaged;
      continue;
    }
    std::string reason = training_state_reason(key, whole);
    if (!dtype && reason.empty()) reason = "of a type that no layer has";
    if (reason.empty()) {
      checkpoint.tensors.push_back(bundle.tensor(key, entry, *dtype));
    } else {
      checkpoint.left_out.emplace_back(key, reason);
    }
  }
  for (std::vector<Tensor>* tensors : {&checkpoint.tensors, &averages.tensors}) {
    name_variables(*tensors, own_names);
    *tensors = join_named_parts(std::move(*tensors), bundle.where());
  }
  checkpoint.weights = "variables";
  if (!averages.tensors.empty()) checkpoint.alternatives.push_back(std::move(averages));
  // Few networks need the graph that trained them; those that do find the reason in left_out.
  const std::string meta = path.prefix + ".meta";
  try {
    checkpoint.constants = read_meta_constants(path_inside(path.folder, meta, bundle.where()));
  } catch (const Error& error) {
    checkpoint.left_out.emplace_back(meta, error.what());
  }
  checkpoint.files = bundle.files();
  add_keras_metadata(checkpoint, path);
  if (!checkpoint.constants.empty()) checkpoint.files.push_back(meta);
  std::ranges::sort(checkpoint.files);
  return checkpoint;
}

}  // namespace dinghy::converter
