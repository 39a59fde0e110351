#include "converter/readers/torch/distributed_metadata.h"

#include <algorithm>
#include <map>
#include <utility>

#include "converter/error.h"
#include "converter/text/quotes.h"

namespace dinghy::converter {
namespace {

using Extents = std::vector<std::int64_t>;

struct Place {
  std::string file;
  std::uint64_t begin, length;
};

class MetadataReader {
 public:
  MetadataReader(const Pickle& pickle, const std::string& where) : pickle_(pickle), where_(where) {}

  std::vector<ShardedTensor> read() {
    const PickleNode& root = pickle_[pickle_.root()];
    if (pickle_.name_of(root) != "torch.distributed.checkpoint.metadata.Metadata") {
      throw Error(where_,
                  "is not the metadata of torch.distributed.checkpoint: it holds " + in_quotes(pickle_.name_of(root)));
    }
    read_places(dict(attribute(root, "storage_data"), "storage_data"));
    const PickleNode& entries = dict(attribute(root, "state_dict_metadata"), "state_dict_metadata");
    std::vector<ShardedTensor> tensors;
    for (std::size_t i = 0; i + 1 < entries.items.size(); i += 2) {
      const PickleNode& name = pickle_[entries.items[i]];
      const PickleNode& entry = pickle_[entries.items[i + 1]];
      if (!pickle_.name_of(entry).ends_with(".TensorStorageMetadata"))
        continue;  // a number, or a step of the optimizer
      if (name.kind != PickleKind::text) fail("has a tensor without a name");
      tensors.push_back(read_tensor(std::string(name.text), entry));
    }
    return tensors;
  }

 private:
  [[noreturn]] void fail(const std::string& what) const { throw Error(where_, what + ": the file is damaged"); }

  const PickleNode* attribute(const PickleNode& object, std::string_view name) const {
    if (object.kind != PickleKind::object || object.state == PickleNode::kAbsent) return nullptr;
    return pickle_.find(pickle_[object.state], name);
  }

  const PickleNode& dict(const PickleNode* node, const std::string& name) const {
    if (!node || node->kind != PickleKind::dict) fail("has no " + name);
    return *node;
  }

  // torch.Size, a call with one tuple.
  Extents extents(const PickleNode* node, const std::string& what) const {
    if (!node || pickle_.name_of(*node) != "torch.Size" || node->kind != PickleKind::object) fail("has no " + what);
    const PickleNode& arguments = pickle_[node->items[1]];
    Extents result;
    if (arguments.items.empty()) return result;
    for (const PickleId id : pickle_[arguments.items[0]].items) {
      if (pickle_[id].kind != PickleKind::integer || pickle_[id].integer < 0) fail("has a damaged " + what);
      result.push_back(pickle_[id].integer);
    }
    return result;
  }

  std::uint64_t number(const PickleNode* node, const std::string& what) const {
    if (!node || node->kind != PickleKind::integer || node->integer < 0) fail("has a part without " + what);
    return static_cast<std::uint64_t>(node->integer);
  }

  void read_places(const PickleNode& entries) {
    for (std::size_t i = 0; i + 1 < entries.items.size(); i += 2) {
      const PickleNode& index = pickle_[entries.items[i]];
      const PickleNode& info = pickle_[entries.items[i + 1]];
      const PickleNode* name = attribute(index, "fqn");
      const PickleNode* offset = attribute(index, "offset");
      const PickleNode* file = attribute(info, "relative_path");
      if (!name || name->kind != PickleKind::text || !file || file->kind != PickleKind::text) {
        fail("has a part without a name and a file");
      }
      if (!offset || offset->kind == PickleKind::none) continue;  // no tensor
      places_[{std::string(name->text), extents(offset, "offset")}] = {std::string(file->text),
                                                                       number(attribute(info, "offset"), "an offset"),
                                                                       number(attribute(info, "length"), "a length")};
    }
  }

  ShardedTensor read_tensor(const std::string& name, const PickleNode& entry) const {
    ShardedTensor tensor{name, extents(attribute(entry, "size"), "size"), {}};
    const PickleNode* chunks = attribute(entry, "chunks");
    if (!chunks || chunks->kind != PickleKind::list) fail("has no parts of " + in_quotes(name));
    for (const PickleId id : chunks->items) {
      TensorShard shard;
      shard.offsets = extents(attribute(pickle_[id], "offsets"), "offsets");
      shard.sizes = extents(attribute(pickle_[id], "sizes"), "sizes");
      if (std::ranges::count(shard.sizes, 0) > 0) continue;  // a process that got none of the rows
      const auto place = places_.find({name, shard.offsets});
      if (place == places_.end()) fail("says nowhere where a part of " + in_quotes(name) + " is");
      shard.file = place->second.file;
      shard.begin = place->second.begin;
      shard.length = place->second.length;
      tensor.shards.push_back(std::move(shard));
    }
    return tensor;
  }

  const Pickle& pickle_;
  const std::string& where_;
  std::map<std::pair<std::string, Extents>, Place> places_;
};

}  // namespace

std::vector<ShardedTensor> read_distributed_metadata(const Pickle& pickle, const std::string& where) {
  return MetadataReader(pickle, where).read();
}

}  // namespace dinghy::converter
