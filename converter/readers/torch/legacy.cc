#include "converter/readers/torch/legacy.h"

#include <map>

#include "converter/error.h"
#include "converter/readers/storage.h"
#include "converter/readers/torch/object.h"
#include "converter/readers/torch/storage_id.h"
#include "converter/text/quotes.h"

namespace dinghy::converter {
namespace {

// A pickle of protocol 2 with the number 0x1950a86a20f9469cfc6c.
constexpr std::string_view kMagic("\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.", 15);
constexpr std::int64_t kProtocol = 1001;
constexpr std::uint64_t kMaxPickles = std::uint64_t{64} << 20;

void check_system(const Pickle& version, const Pickle& system, const std::string& path) {
  const PickleNode& number = version[version.root()];
  if (number.kind != PickleKind::integer || number.integer != kProtocol) {
    throw Error(path, "is of an unknown version of PyTorch's old format; save it with PyTorch 1.6 or later");
  }
  const PickleNode* little = system.find(system[system.root()], "little_endian");
  if (!little || little->kind != PickleKind::boolean || !little->integer) {
    throw Error(path, "is big-endian; load and save the file on a little-endian machine");
  }
}

using Storages = std::map<std::string, std::shared_ptr<const Storage>>;

/// The storages lie behind the pickles in the order of the list of keys: the number of elements, then the elements.
Storages locate_storages(const Pickle& object, const Pickle& keys, const std::shared_ptr<const FileStorage>& file,
                         const std::string& path) {
  std::map<std::string, std::uint64_t> sizes;
  for (const PickleNode& node : object.nodes()) {
    if (node.kind != PickleKind::persistent) continue;
    const TorchStorageId id = read_torch_storage_id(object, node, path + ": a tensor");
    sizes.emplace(id.key, id.bytes());
  }
  Storages storages;
  std::uint64_t offset = keys.end();
  for (const PickleId key_id : keys[keys.root()].items) {
    const std::string key(keys[key_id].text);
    const auto size = sizes.find(key);
    if (size == sizes.end()) {
      throw Error(path, "has a storage " + in_quotes(key) + " of unknown type: the file is damaged");
    }
    offset += sizeof(std::int64_t);
    if (offset > file->size() || size->second > file->size() - offset) {
      throw Error(path, "ends within storage " + in_quotes(key) + ": the file is truncated");
    }
    storages[key] = std::make_shared<SliceStorage>(file, offset, size->second);
    offset += size->second;
  }
  return storages;
}

}  // namespace

bool is_torch_legacy(std::string_view head) { return head.starts_with(kMagic); }

Checkpoint read_torch_legacy(const std::string& path) {
  const auto file = std::make_shared<const FileStorage>(path);
  const auto bytes = std::make_shared<const std::vector<std::byte>>(read_head(*file, kMaxPickles));
  const Pickle version = Pickle::parse(bytes, kMagic.size(), path);
  const Pickle system = Pickle::parse(bytes, version.end(), path);
  check_system(version, system, path);
  const Pickle object = Pickle::parse(bytes, system.end(), path);
  const Pickle keys = Pickle::parse(bytes, object.end(), path);
  const Storages storages = locate_storages(object, keys, file, path);
  TorchTensors tensors(object, path, [&](const std::string& key) {
    const auto found = storages.find(key);
    if (found == storages.end()) throw Error(path, "lacks storage " + in_quotes(key) + ": the file is damaged");
    return found->second;
  });
  Checkpoint checkpoint{path, "", {}, {}};
  read_torch_object(object, tensors, "legacy", path, checkpoint);
  return checkpoint;
}

}  // namespace dinghy::converter
