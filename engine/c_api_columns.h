// Columns of the C API as the C++ API takes them.
#pragma once

#include <cstddef>

#include "dinghy/columns.h"
#include "dinghy/dinghy.h"
#include "dinghy/status.h"
#include "engine/memory/array.h"

namespace dinghy::c_api {

/// For for_each_column(): a checked column; a checked table, whose stride is set.
Status check(const dinghy_column& column) noexcept;
Column column_of(const dinghy_column& column) noexcept;
Status read_table(const dinghy_column& column, dinghy_id_table& table) noexcept;
/// The column of values with rows. Errors: as check().
Status read_rows(const dinghy_column& column, Column& out) noexcept;

/// Checks what C++'s types would have ruled out, and calls use(column) for the column, or for each column of a table,
/// until one is not ok. The values stay where they are. Errors: invalid_argument, unsupported.
template <class Use>
Status for_each_column(const dinghy_column& from, Use use) noexcept {
  if (from.kind == DINGHY_COLUMN_ROWS) {
    Column column = Column::ids(0, {});
    if (Status status = read_rows(from, column); !status) return status;
    return use(column);
  }
  if (from.kind != DINGHY_COLUMN_TABLE) {
    if (Status status = check(from); !status) return status;
    return use(column_of(from));
  }
  dinghy_id_table table{};
  if (Status status = read_table(from, table); !status) return status;
  for (std::size_t c = 0; c < table.columns; ++c) {
    const std::int64_t* const first = table.rows == 0 ? nullptr : table.ids + c;  // no offset from a null pointer
    if (Status status = use(Column::ids(table.features[c], first, table.rows, table.stride)); !status) return status;
  }
  return Status();
}

/// Room for one column per feature of a model, so that converting does not allocate.
class ColumnBuffer {
 public:
  /// False when there is no memory.
  [[nodiscard]] bool allocate(std::size_t features) noexcept;
  /// What allocate() asks for.
  static std::size_t bytes(std::size_t features) noexcept { return features * sizeof(Room); }

  /// Checks and converts. `out` is valid until the next call. Errors: invalid_argument, unsupported.
  Status convert(const dinghy_column* columns, std::size_t count, Columns& out) noexcept;

 private:
  /// Columns have no default constructor.
  struct alignas(Column) Room {
    std::byte bytes[sizeof(Column)];
  };

  Array<Room> room_;
};

}  // namespace dinghy::c_api
