#include "converter/readers/tensorflow/index_table.h"

#include <span>

#include "converter/error.h"
#include "converter/readers/tensorflow/block_reader.h"
#include "converter/readers/tensorflow/crc32c.h"

namespace dinghy::converter {
namespace {

// The end of a table: two block handles, padding, and this magic (leveldb/table/format.h).
constexpr std::uint64_t kFooterSize = 48;
constexpr std::string_view kMagic = "\x57\xfb\x80\x8b\x24\x75\x47\xdb";
constexpr std::uint64_t kTrailerSize = 5;  // type and checksum behind a block
constexpr std::uint64_t kMaxIndex = 1ull << 30;

struct BlockHandle {
  std::uint64_t offset, size;
};

BlockHandle read_handle(BlockReader& reader) {
  const std::uint64_t offset = reader.varint();
  return {offset, reader.varint()};
}

/// Entries of a block, each key as the part it shares with the one before and the rest.
template <class Add>
void read_block(std::string_view file, BlockHandle handle, const std::string& path, const Add& add) {
  const std::string where = path + ", block at byte " + std::to_string(handle.offset);
  if (handle.offset > file.size() || handle.size > file.size() - handle.offset ||
      file.size() - handle.offset - handle.size < kTrailerSize) {
    throw Error(where, "reaches outside the file: truncated or damaged");
  }
  const std::string_view body = file.substr(handle.offset, handle.size + 1);  // with its type
  BlockReader trailer(file.substr(handle.offset + handle.size + 1), where);
  if (trailer.fixed32() != masked_crc32c(crc32c(0, body))) throw Error(where, "has a wrong checksum: damaged");
  if (body.back() != 0)
    throw Error(where, "is compressed; load the checkpoint and save it with TensorFlow 1.2 or later");

  const auto fail = [&] { throw Error(where, "has a broken list of entries: damaged"); };
  if (handle.size < 4) fail();
  const std::uint32_t restarts = BlockReader(body.substr(handle.size - 4), where).fixed32();
  if (restarts > (handle.size - 4) / 4) fail();
  BlockReader entries(body.substr(0, handle.size - 4 - 4 * std::uint64_t{restarts}), where);
  std::string key;
  while (!entries.done()) {
    const std::uint64_t shared = entries.varint();
    const std::uint64_t rest = entries.varint();
    const std::uint64_t value = entries.varint();
    if (shared > key.size()) fail();
    key.resize(shared);
    key += entries.take(rest);
    add(key, entries.take(value));
  }
}

}  // namespace

bool is_index_table(const Storage& file) {
  if (file.size() < kFooterSize) return false;
  std::string end(kMagic.size(), '\0');
  file.read(file.size() - end.size(), std::as_writable_bytes(std::span(end)));
  return end == kMagic;
}

std::map<std::string, std::string, std::less<>> read_index_table(const Storage& storage, const std::string& path) {
  if (!is_index_table(storage)) throw Error(path, "does not end as the .index of a TensorFlow checkpoint: truncated");
  if (storage.size() > kMaxIndex) throw Error(path, "is over 1 GiB: too large for the .index of a checkpoint");
  std::string file(storage.size(), '\0');
  storage.read(0, std::as_writable_bytes(std::span(file)));

  BlockReader footer(std::string_view(file).substr(file.size() - kFooterSize), path);
  const BlockHandle statistics = read_handle(footer);
  const BlockHandle index = read_handle(footer);
  read_block(file, statistics, path, [](const std::string&, std::string_view) {});  // empty, but whole
  std::map<std::string, std::string, std::less<>> entries;
  std::uint64_t begin = 0, size = 0;
  read_block(file, index, path, [&](const std::string&, std::string_view value) {
    BlockReader reader(value, path);
    const BlockHandle handle = read_handle(reader);
    if (handle.offset < begin) throw Error(path, "has blocks that overlap: damaged");
    read_block(file, handle, path, [&](const std::string& key, std::string_view entry) {
      size += key.size() + entry.size();  // a key repeats what it shares with the one before
      if (size > 64 * file.size()) throw Error(path, "expands to more than 64 times its size: damaged");
      if (!entries.emplace(key, entry).second) throw Error(path, "has a key twice: damaged");
    });
    begin = handle.offset + handle.size;
  });
  return entries;
}

}  // namespace dinghy::converter
