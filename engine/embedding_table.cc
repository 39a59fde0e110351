#include "dinghy/embedding_table.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "engine/left_out.h"
#include "engine/network/columns.h"
#include "engine/network/lookup.h"
#include "engine/network/network.h"
#include "schema/row_block.h"
#include "schema/xxh64.h"

namespace dinghy {
namespace {

/// Of the bytes, by the hash of their segment, and of how rows lie in them.
std::uint64_t version_of(const format::EmbeddingTable& table, std::uint64_t segment_hash) noexcept {
  const std::uint64_t words[] = {segment_hash,
                                 table.offset(),
                                 table.rows(),
                                 table.width(),
                                 table.row_stride(),
                                 static_cast<std::uint64_t>(table.encoding()),
                                 static_cast<std::uint64_t>(table.scale_type())};
  format::Xxh64 hash;
  hash.add(std::as_bytes(std::span(words)));
  return std::max<std::uint64_t>(1, hash.digest());  // 0 is that of a table that is not remote
}

bool takes(const network::Table& table, const Column& keys) noexcept {
  const bool strings = table.vocabulary != nullptr && table.vocabulary->key_type == format::KeyType::string;
  return keys.kind() == (strings ? Column::Kind::strings : Column::Kind::ids);
}

/// Where the row of a value lies; null where it has none.
const std::byte* row_of_key(const network::Table& table, const Column& keys, std::size_t index) noexcept {
  return keys.kind() == Column::Kind::strings ? network::look_up(table, keys.string(index)).row
                                              : network::look_up(table, keys.id(index)).row;
}

}  // namespace

Result<EmbeddingTable> EmbeddingTable::of(const Model& model, std::uint32_t feature, Side side) noexcept {
  if (!kHasRemote) return Status::error(Code::unsupported, "this build of the engine is without remote");
  const network::Model& m = model.internal();
  if (feature >= m.features.size()) {
    return Status::error(Code::invalid_argument, "the model has no feature %u", feature);
  }
  const network::Feature& f = m.features[feature];
  const network::Table* const table = side == Side::history ? f.history_table : f.table;
  if (table == nullptr) return Status::error(Code::invalid_argument, "feature %u has no such table", feature);
  if (table->is_remote()) {
    return Status::error(Code::unsupported, "the table of feature %u is remote: open the model that has it", feature);
  }
  const auto index = static_cast<std::uint32_t>(table - m.tables.begin());
  const format::EmbeddingTable& from = *m.file.model().tables()->Get(index);
  const auto hash = m.file.model().segments()->Get(from.segment())->hash();
  if (!hash) {
    return Status::error(Code::unsupported, "the table of feature %u has no hash: the file is of an older converter",
                         feature);
  }
  return EmbeddingTable(model, index, version_of(from, *hash));
}

std::uint64_t EmbeddingTable::rows() const noexcept { return model_.internal().tables[table_].count; }
std::uint32_t EmbeddingTable::width() const noexcept { return model_.internal().tables[table_].width; }

const char* EmbeddingTable::encoding() const noexcept { return format::word_of(model_.internal().tables[table_].form); }

std::size_t EmbeddingTable::row_bytes() const noexcept {
  const network::Table& table = model_.internal().tables[table_];
  return static_cast<std::size_t>(format::row_bytes(table.form, table.width));
}

std::span<const std::byte> EmbeddingTable::row(std::uint64_t number) const noexcept {
  const network::Table& table = model_.internal().tables[table_];
  if (number >= table.count) return {};
  return {network::row_at(table, number), row_bytes()};
}

std::optional<std::uint64_t> EmbeddingTable::find(const Column& keys, std::size_t index) const noexcept {
  const network::Table& table = model_.internal().tables[table_];
  if (!takes(table, keys) || index >= keys.size()) return std::nullopt;
  const std::byte* const row = row_of_key(table, keys, index);
  if (row == nullptr) return std::nullopt;
  return static_cast<std::uint64_t>(row - table.rows) / table.row_stride;
}

std::size_t EmbeddingTable::block_size(std::size_t count) const noexcept {
  return format::kRowBlockFront + count * row_bytes();
}

Result<std::size_t> EmbeddingTable::write(const Column& keys, std::span<std::byte> block,
                                          std::span<std::uint32_t> which) const noexcept {
  if (!kHasRemote) return std::size_t{0};  // there is no object of this class
  const network::Table& table = model_.internal().tables[table_];
  if (const char* const wrong = network::misplaced(keys)) {
    return Status::error(Code::invalid_argument, "the column: %s", wrong);
  }
  if (!takes(table, keys)) return Status::error(Code::invalid_argument, "the table takes keys of another kind");
  if (which.size() != keys.size()) {
    return Status::error(Code::invalid_argument, "%zu values, room for the rows of %zu", keys.size(), which.size());
  }
  const std::size_t bytes = row_bytes();
  if (keys.size() >= Column::kNoRow || block.size() < format::kRowBlockFront ||
      (block.size() - format::kRowBlockFront) / bytes < keys.size()) {
    return Status::error(Code::invalid_argument, "%zu values, a block of %zu bytes has not room for so many rows",
                         keys.size(), block.size());
  }
  std::byte* out = block.data() + format::kRowBlockFront;
  std::uint32_t count = 0;
  constexpr std::size_t kAhead = 16;  // rows that the processor is asked for before the first of them is copied
  const std::byte* rows[kAhead];
  for (std::size_t first = 0; first < keys.size(); first += kAhead) {
    const std::size_t some = std::min(kAhead, keys.size() - first);
    for (std::size_t i = 0; i < some; ++i) {
      rows[i] = row_of_key(table, keys, first + i);
      if (rows[i] != nullptr) __builtin_prefetch(rows[i]);
    }
    for (std::size_t i = 0; i < some; ++i) {
      which[first + i] = rows[i] == nullptr ? Column::kNoRow : count++;
      if (rows[i] == nullptr) continue;
      std::memcpy(out, rows[i], bytes);
      out += bytes;
    }
  }
  format::write_row_block_front({.version = version_, .width = table.width, .count = count, .form = table.form},
                                reinterpret_cast<unsigned char*>(block.data()));
  return static_cast<std::size_t>(out - block.data());
}

}  // namespace dinghy
