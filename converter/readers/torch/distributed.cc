#include "converter/readers/torch/distributed.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <map>
#include <set>

#include "converter/block_matrix.h"
#include "converter/error.h"
#include "converter/readers/mapped_file.h"
#include "converter/readers/path_inside.h"
#include "converter/readers/storage.h"
#include "converter/readers/torch/distributed_metadata.h"
#include "converter/readers/torch/zip.h"
#include "converter/text/quotes.h"

namespace dinghy::converter {
namespace {

constexpr const char* kMetadata = ".metadata";
constexpr std::array<std::string_view, 2> kOptimizer{"optimizer.", "optim."};

bool is_optimizer(const std::string& name) {
  return std::ranges::any_of(kOptimizer, [&](std::string_view prefix) { return name.starts_with(prefix); });
}

/// Reads shards, and keeps count of what is read of each file: each shard is an archive that is read whole, and shards
/// in one place could ask for any amount of time.
class ShardReader {
 public:
  explicit ShardReader(const std::string& folder) : folder_(folder) {}

  Tensor read(const TensorShard& shard, const std::string& name) {
    const std::string path = path_inside(folder_, shard.file, folder_ + "/" + kMetadata);
    const std::uint64_t size = FileStorage(path).size();
    std::uint64_t& used = used_[shard.file];
    if (shard.begin > size || shard.length > size - shard.begin) {
      throw Error(path, "ends before the bytes of the tensor " + in_quotes(name) + ": it is truncated");
    }
    if (shard.length > size - used) throw Error(path, "is said to hold more tensors than it has bytes: they overlap");
    used += shard.length;
    Tensor tensor = read_torch_zip_tensor(Archive::open(path, shard.begin, shard.length), name);
    if (tensor.shape != shard.sizes) {
      throw Error(path, "the part of the tensor " + in_quotes(name) + " has the shape " + tensor.shape_text() +
                            ", which is not what .metadata says: the files do not belong together");
    }
    return tensor;
  }

 private:
  std::string folder_;
  std::map<std::string, std::uint64_t> used_;  // by file
};

// A vector counts as a matrix of one column.
Block as_block(const TensorShard& shard, Tensor tensor) {
  if (tensor.shape.size() == 1) {
    tensor.shape.push_back(1);
    tensor.strides.push_back(1);
  }
  const std::int64_t column = shard.offsets.size() > 1 ? shard.offsets[1] : 0;
  return {static_cast<std::uint64_t>(shard.offsets[0]), static_cast<std::uint64_t>(column), std::move(tensor)};
}

Tensor join_shards(ShardReader& shards, const ShardedTensor& sharded, const std::string& where) {
  std::vector<Block> blocks;
  for (const TensorShard& shard : sharded.shards) {
    Tensor tensor = shards.read(shard, sharded.name);
    if (shard.sizes == sharded.size) return tensor;
    if (shard.sizes.size() != sharded.size.size() || shard.offsets.size() != shard.sizes.size() ||
        shard.sizes.size() > 2) {
      throw Error(where, "is in parts, which only tables and vectors can be; save it whole");
    }
    blocks.push_back(as_block(shard, std::move(tensor)));
  }
  Tensor whole = block_matrix(sharded.name, std::move(blocks), where);
  if (sharded.size.size() == 1) {
    whole.shape.pop_back();
    whole.strides.pop_back();
  }
  if (whole.shape != sharded.size) {
    throw Error(where, "its parts make up " + whole.shape_text() + ", which is not its size: the file is damaged");
  }
  return whole;
}

}  // namespace

std::optional<std::string> find_distributed_checkpoint(const std::string& folder) {
  for (const std::string& candidate : {folder, folder + "/model"}) {
    if (std::filesystem::is_regular_file(candidate + "/" + kMetadata)) return candidate;
  }
  return std::nullopt;
}

Checkpoint read_distributed_checkpoint(const std::string& folder) {
  const std::string path = folder + "/" + kMetadata;
  const auto file = std::make_shared<const MappedFile>(path);
  const Pickle pickle = Pickle::parse(file->bytes(), file, 0, path);
  Checkpoint checkpoint{folder, "pytorch distributed checkpoint", {}, {}};
  std::set<std::string> files{kMetadata};
  ShardReader shards(folder);
  for (const ShardedTensor& sharded : read_distributed_metadata(pickle, path)) {
    if (is_optimizer(sharded.name)) {
      checkpoint.left_out.emplace_back(sharded.name, "state of the optimizer");
      continue;
    }
    if (sharded.shards.empty()) continue;  // no elements at all
    checkpoint.tensors.push_back(join_shards(shards, sharded, path + ": tensor " + in_quotes(sharded.name)));
    for (const TensorShard& shard : sharded.shards) files.insert(shard.file);
  }
  if (checkpoint.tensors.empty()) throw Error(path, "names no tensors of a model");
  checkpoint.files.assign(files.begin(), files.end());
  return checkpoint;
}

}  // namespace dinghy::converter
