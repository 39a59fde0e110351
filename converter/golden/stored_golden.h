// The golden rows that a .dinghy file carries.
#pragma once

#include <string>

#include "converter/model_file/golden_rows.h"
#include "dinghy/model.h"

namespace dinghy::converter {

/// Throws Error at `path` when the file has none, and says how to add them.
GoldenRows stored_golden(const Model& model, const std::string& path);

}  // namespace dinghy::converter
