// Rows of a table as they travel: the front of a block, 32 bytes, and the rows behind it (FORMAT.md, "Blocks of rows").
// Who has the table writes it, the engine reads it.
#pragma once

#include <cstddef>
#include <cstdint>

#include "schema/header.h"
#include "schema/row.h"

namespace dinghy::format {

inline constexpr unsigned char kRowBlockMagic[8] = {'D', 'N', 'G', 'Y', 'R', 'O', 'W', 1};
inline constexpr std::size_t kRowBlockFront = 32;

struct RowBlockFront {
  std::uint64_t version;  // of the table (EmbeddingTable.remote_version)
  std::uint32_t width;    // numbers of a row
  std::uint32_t count;    // rows
  RowForm form;
};

/// Fills the kRowBlockFront bytes of `out`.
constexpr void write_row_block_front(const RowBlockFront& front, unsigned char* out) noexcept {
  for (unsigned i = 0; i < kRowBlockFront; ++i) out[i] = i < sizeof kRowBlockMagic ? kRowBlockMagic[i] : 0;
  put_little_endian(out + 8, front.version);
  put_little_endian(out + 16, front.width);
  put_little_endian(out + 20, front.count);
  out[24] = static_cast<unsigned char>(front.form);
}

/// False when the kRowBlockFront bytes of `in` are no front of a block; its fields' values are the caller's to check.
constexpr bool read_row_block_front(const unsigned char* in, RowBlockFront& front) noexcept {
  for (unsigned i = 0; i < sizeof kRowBlockMagic; ++i) {
    if (in[i] != kRowBlockMagic[i]) return false;
  }
  for (std::size_t i = 25; i < kRowBlockFront; ++i) {
    if (in[i] != 0) return false;
  }
  front.version = get_little_endian<std::uint64_t>(in + 8);
  front.width = get_little_endian<std::uint32_t>(in + 16);
  front.count = get_little_endian<std::uint32_t>(in + 20);
  if (in[24] > static_cast<unsigned char>(RowForm::i4)) return false;
  front.form = static_cast<RowForm>(in[24]);
  return true;
}

}  // namespace dinghy::format
