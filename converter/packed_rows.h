// Tables that a checkpoint holds packed: each row its bytes, then scale and bias, as FBGEMM and PyTorch fuse them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "converter/tensor.h"
#include "schema/row.h"

namespace dinghy::converter {

/// The numbers of a table whose rows of `width` numbers `bytes`, [rows, bytes of a row] of uint8, holds as `form`: i8,
/// i8_half or i4. The caller has checked the shape.
Tensor unpacked(const Tensor& bytes, format::RowForm form, std::uint64_t width);
/// The same with as many numbers as the rows have room for (packed_width).
Tensor unpacked(const Tensor& bytes, format::RowForm form);

/// The numbers in a packed row of `bytes` bytes, in i4 an even number; nothing when it is too short to have one.
std::optional<std::uint64_t> packed_width(format::RowForm form, std::uint64_t bytes);

/// How the checkpoint packs the rows of `table`; nothing for other tensors, and for a view of some columns.
std::optional<format::RowForm> packed_form(const Tensor& table);

/// The bytes of rows [first, first + count) of a table that has a packed form, as the checkpoint has them.
void read_packed_rows(const Tensor& table, std::uint64_t first, std::uint64_t count, std::span<std::byte> out);

}  // namespace dinghy::converter
