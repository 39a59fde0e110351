#include "engine/c_api_columns.h"

#include <new>
#include <type_traits>

#include "engine/c_api_struct.h"
#include "engine/network/columns.h"

namespace dinghy::c_api {

static_assert(alignof(dinghy_string) == alignof(std::string_view));
static_assert(std::is_trivially_copyable_v<Column>);

Status check(const dinghy_column& column) noexcept {
  const auto error = [&](const char* what) {
    return Status::error(Code::invalid_argument, "a column of feature %u: %s", column.feature, what);
  };
  if (column.kind < DINGHY_COLUMN_IDS || column.kind > DINGHY_COLUMN_NUMBERS) return error("its kind does not exist");
  if (column.values == nullptr && column.size > 0) return error("its values are NULL");
  if ((column.offsets == nullptr) != (column.offset_count == 0)) {
    return error("offsets and offset_count do not go together");
  }
  if (column.offsets != nullptr && column.kind == DINGHY_COLUMN_NUMBERS) return error("numbers come in no bags");
  if (const char* const wrong = network::misplaced(column_of(column))) return error(wrong);
  if (column.kind != DINGHY_COLUMN_STRINGS) return Status();
  const auto* const strings = static_cast<const dinghy_string*>(column.values);
  for (std::size_t i = 0; i < column.size; ++i) {
    if (strings[i].data == nullptr && strings[i].size > 0) return error("a string is NULL");
  }
  return Status();
}

Column column_of(const dinghy_column& from) noexcept {
  const std::span<const std::uint32_t> offsets(from.offsets, from.offset_count);
  if (from.kind == DINGHY_COLUMN_STRINGS) {
    return Column::strings(from.feature, static_cast<const dinghy_string*>(from.values), from.size, offsets);
  }
  if (from.kind == DINGHY_COLUMN_NUMBERS) {
    return Column::numbers(from.feature, {static_cast<const float*>(from.values), from.size});
  }
  return Column::bags(from.feature, {static_cast<const std::int64_t*>(from.values), from.size}, offsets);
}

Status read_table(const dinghy_column& column, dinghy_id_table& table) noexcept {
  const auto error = [](const char* what) { return Status::error(Code::invalid_argument, "a table of ids: %s", what); };
  if (column.values == nullptr || column.size != 1) return error("the column has not exactly one");
  if (column.offsets != nullptr || column.offset_count != 0) return error("the column has offsets");
  const auto* const from = static_cast<const dinghy_id_table*>(column.values);
  if (reinterpret_cast<std::uintptr_t>(from) % alignof(dinghy_id_table) != 0) return error("the struct is misaligned");
  if (Status status = read_struct(from, "a table of ids", table); !status) return status;
  if (table.columns == 0) return Status();
  if (table.features == nullptr) return error("features is NULL");
  if (reinterpret_cast<std::uintptr_t>(table.features) % alignof(std::uint32_t) != 0) {
    return error("features is misaligned");
  }
  if (table.ids == nullptr && table.rows > 0) return error("ids is NULL");
  if (table.stride == 0) table.stride = table.columns;
  if (table.stride < table.columns) return error("stride is smaller than columns");
  return Status();
}

Status read_rows(const dinghy_column& column, Column& out) noexcept {
  const auto error = [](const char* what) { return Status::error(Code::invalid_argument, "rows: %s", what); };
  const auto* const from = static_cast<const dinghy_rows*>(column.values);
  if (from == nullptr || column.size != 1) return error("the column has not exactly one");
  if (column.offsets != nullptr || column.offset_count != 0) return error("offsets belong to the keys");
  if (reinterpret_cast<std::uintptr_t>(from) % alignof(dinghy_rows) != 0) return error("the struct is misaligned");
  dinghy_rows rows{};
  if (Status status = read_struct(from, "rows", rows); !status) return status;
  const dinghy_column& keys = rows.keys;
  if (rows.block == nullptr && rows.block_size > 0) return error("block is NULL");
  if (rows.which == nullptr && keys.size > 0) return error("which is NULL");
  const std::span<const std::byte> block(static_cast<const std::byte*>(rows.block), rows.block_size);
  const std::span<const std::uint32_t> which(rows.which, keys.size);
  if (keys.values == nullptr) {
    if ((keys.offsets == nullptr) != (keys.offset_count == 0))
      return error("offsets and offset_count do not go together");
    out = Column::row_bags(keys.feature, block, which, {keys.offsets, keys.offset_count});
    return Status();
  }
  if (keys.kind != DINGHY_COLUMN_IDS && keys.kind != DINGHY_COLUMN_STRINGS) return error("their keys are no ids");
  if (Status status = check(keys); !status) return status;
  out = column_of(keys).with_rows(block, which);
  return Status();
}

bool ColumnBuffer::allocate(std::size_t features) noexcept { return room_.allocate(features); }

Status ColumnBuffer::convert(const dinghy_column* columns, std::size_t count, Columns& out) noexcept {
  if (columns == nullptr && count > 0) return Status::error(Code::invalid_argument, "an array of columns is NULL");
  auto* const converted = reinterpret_cast<Column*>(room_.begin());
  std::size_t filled = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const Status status = for_each_column(columns[i], [&](const Column& column) noexcept {
      if (filled == room_.size()) {
        return Status::error(Code::invalid_argument, "more columns than the model has features, %zu", room_.size());
      }
      ::new (static_cast<void*>(converted + filled++)) Column(column);
      return Status();
    });
    if (!status) return status;
  }
  out = Columns(converted, filled);
  return Status();
}

}  // namespace dinghy::c_api
