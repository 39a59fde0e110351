// From an id to a row of a table.
#pragma once

#include <cstdint>
#include <string_view>

#include "engine/network/network.h"

namespace dinghy::network {

/// Where an id's vector lies. An id without a row is `missing`; the table's policy then says whether that is an error
/// (`failed`), a zero vector (`row` null) or some other row.
struct Lookup {
  const std::byte* row = nullptr;  // row_stride bytes inside the mapped file; null: the zero vector
  bool missing = false;
  bool failed = false;
};

/// Any id is safe. Tables whose vocabulary has keys of the other type never get here (network/columns.h).
Lookup look_up(const Table& table, std::int64_t id) noexcept;
Lookup look_up(const Table& table, std::string_view key) noexcept;
/// For a value that has no id, and of a remote table.
Lookup look_up_nothing(const Table& table) noexcept;

/// The slot where the search for a key begins: what a lookup touches first. The table must have a vocabulary.
const std::byte* first_slot(const Vocabulary& vocabulary, std::int64_t id) noexcept;
const std::byte* first_slot(const Vocabulary& vocabulary, std::string_view key) noexcept;

/// The row of this number, which the caller knows to exist.
inline const std::byte* row_at(const Table& table, std::uint64_t row) noexcept {
  return table.rows + static_cast<std::size_t>(row * table.row_stride);
}

}  // namespace dinghy::network
