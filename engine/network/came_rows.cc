#include "engine/network/came_rows.h"

#include "schema/finite.h"
#include "schema/row_block.h"
#include "schema/xxh64.h"

namespace dinghy::network {
namespace {

using format::RowBlockFront;
using format::RowForm;

bool read_front(std::span<const std::byte> block, RowBlockFront& front) noexcept {
  return block.size() >= format::kRowBlockFront &&
         format::read_row_block_front(reinterpret_cast<const unsigned char*>(block.data()), front);
}

Status check_front(const Table& table, std::span<const std::byte> block, FeatureName name,
                   RowBlockFront& front) noexcept {
  const auto error = [=](Code code, const char* what) {
    return Status::error(code, "%.*s: the rows that came %s", name.size, name.text, what);
  };
  if (!read_front(block, front)) {
    return error(Code::invalid_argument, "are no block of rows: damaged or cut");
  }
  if (front.version != table.remote_version) {
    return Status::error(Code::version_mismatch,
                         "%.*s: the rows that came are of version %016llx of the table, the model takes %016llx",
                         name.size, name.text, static_cast<unsigned long long>(front.version),
                         static_cast<unsigned long long>(table.remote_version));
  }
  if (front.width != table.width) return error(Code::invalid_argument, "have another width than the model's");
  if (front.form != table.form && front.form != RowForm::f32) {
    return error(Code::invalid_argument, "are in another encoding than the model's, and not in f32");
  }
  if (block.size() - format::kRowBlockFront != front.count * format::row_bytes(front.form, front.width)) {
    return error(Code::invalid_argument, "are fewer or more bytes than their front says: cut");
  }
  return Status();
}

/// The largest and the smallest code of a row with a scale stand for all.
bool is_finite(const kernels::EncodedRow& row) noexcept {
  if (row.form == RowForm::f32 || row.form == RowForm::f16) {
    for (std::size_t i = 0; i < row.width; ++i) {
      if (!format::is_finite(format::row_number(row.form, row.bytes, {}, i))) return false;
    }
    return true;
  }
  const format::RowScale scale = format::row_scale(row.form, row.bytes, row.width);
  const double most = row.form == RowForm::i4 ? 15 : 255;
  return format::is_finite(scale.scale) && format::is_finite(scale.bias) &&
         format::is_finite(
             static_cast<float>(most * static_cast<double>(scale.scale) + static_cast<double>(scale.bias)));
}

}  // namespace

Status check_came_rows(const Table& table, const Column& column, FeatureName name) noexcept {
  if (column.which().size() != column.size()) {
    return Status::error(Code::invalid_argument, "%.*s: %zu values, but %zu say which row came for them", name.size,
                         name.text, column.size(), column.which().size());
  }
  if (column.size() == 0 && column.block().empty()) return Status();
  RowBlockFront front{};
  if (Status status = check_front(table, column.block(), name, front); !status) return status;
  for (std::size_t i = 0; i < column.size(); ++i) {
    const std::uint32_t row = column.which()[i];
    if (row == Column::kNoRow) continue;
    if (row >= front.count) {
      return Status::error(Code::invalid_argument, "%.*s: value %zu has row %u of the %u that came", name.size,
                           name.text, i, row, front.count);
    }
    if (is_finite(row_of_block(column, i))) continue;
    return Status::error(Code::invalid_argument, "%.*s: row %u that came holds a NaN or an infinity", name.size,
                         name.text, row);
  }
  return Status();
}

kernels::EncodedRow row_of_block(const Column& column, std::size_t index) noexcept {
  if (column.which()[index] == Column::kNoRow) return {};
  RowBlockFront front{};
  read_front(column.block(), front);
  const std::uint64_t row_bytes = format::row_bytes(front.form, front.width);
  const std::uint64_t offset = format::kRowBlockFront + column.which()[index] * row_bytes;
  return {column.block().data() + static_cast<std::size_t>(offset), front.form, front.width};
}

RowMark mark_of_came_row(const kernels::EncodedRow& row) noexcept {
  format::Xxh64 hash;
  hash.add({row.bytes, static_cast<std::size_t>(format::row_bytes(row.form, row.width))});
  return hash.digest() | RowMark{1} << 63;
}

}  // namespace dinghy::network
