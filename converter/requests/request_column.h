// One column of a request, with the memory that the engine's Column points to.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "dinghy/columns.h"

namespace dinghy::converter {

/// The values of one feature, owned.
struct RequestColumn {
  std::uint32_t feature = 0;
  Column::Kind kind = Column::Kind::ids;
  bool bag = false;
  std::vector<std::int64_t> ids;
  std::vector<std::string> strings;
  std::vector<float> numbers;
  std::vector<std::uint32_t> offsets;   // bag only
  std::vector<std::string_view> views;  // of `strings`

  RequestColumn() = default;
  // Views follow their strings when a vector moves, not when it is copied.
  RequestColumn(RequestColumn&&) = default;
  RequestColumn& operator=(RequestColumn&&) = default;

  /// For the engine; valid while this column lives and does not change.
  Column column() const;
};

}  // namespace dinghy::converter
