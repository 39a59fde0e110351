#include "engine/c_api_columns.h"

#include <new>
#include <type_traits>

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
  if (!network::is_aligned(column_of(column))) return error("its values or offsets are misaligned");
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

bool ColumnBuffer::allocate(std::size_t features) noexcept { return room_.allocate(features); }

Status ColumnBuffer::convert(const dinghy_column* columns, std::size_t count, Columns& out) noexcept {
  if (columns == nullptr && count > 0) return Status::error(Code::invalid_argument, "an array of columns is NULL");
  if (count > room_.size()) {
    return Status::error(Code::invalid_argument, "%zu columns; the model has %zu features", count, room_.size());
  }
  auto* const converted = reinterpret_cast<Column*>(room_.begin());
  for (std::size_t i = 0; i < count; ++i) {
    if (Status status = check(columns[i]); !status) return status;
    ::new (static_cast<void*>(converted + i)) Column(column_of(columns[i]));
  }
  out = Columns(converted, count);
  return Status();
}

}  // namespace dinghy::c_api
