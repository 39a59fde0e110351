// Golden rows as the engine's self-test reads them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "converter/requests/requests.h"

namespace dinghy::converter {

struct GoldenColumns {
  std::vector<std::uint8_t> bytes;  // of the segment (schema/golden.fbs); empty when no row fits
  std::uint32_t left_out = 0;       // rows that are larger than a self-test takes
};

/// `lines` are golden rows, called `name` in errors. Of attention weights those of the behaviours are kept that the
/// model keeps. Throws Error for a line that is no golden row of this shape.
GoldenColumns golden_columns(const RequestShape& shape, const std::string& lines, const std::string& name);

}  // namespace dinghy::converter
