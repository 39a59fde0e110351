// Columns of the C API as the C++ API takes them.
#pragma once

#include <cstddef>

#include "dinghy/columns.h"
#include "dinghy/dinghy.h"
#include "dinghy/status.h"
#include "engine/memory/array.h"

namespace dinghy::c_api {

/// Checks what C++'s types would have ruled out. Errors: invalid_argument.
Status check(const dinghy_column& column) noexcept;

/// A checked column. The values stay where they are.
Column column_of(const dinghy_column& column) noexcept;

/// Room for one column per feature of a model, so that converting does not allocate.
class ColumnBuffer {
 public:
  /// False when there is no memory.
  [[nodiscard]] bool allocate(std::size_t features) noexcept;
  /// What allocate() asks for.
  static std::size_t bytes(std::size_t features) noexcept { return features * sizeof(Room); }

  /// Checks and converts. `out` is valid until the next call. Errors: invalid_argument.
  Status convert(const dinghy_column* columns, std::size_t count, Columns& out) noexcept;

 private:
  /// Columns have no default constructor.
  struct alignas(Column) Room {
    std::byte bytes[sizeof(Column)];
  };

  Array<Room> room_;
};

}  // namespace dinghy::c_api
