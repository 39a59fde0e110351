// The golden rows that a .dinghy file carries.
#pragma once

#include <string>

#include "dinghy/model.h"

namespace dinghy::converter {

struct StoredGolden {
  std::string lines;      // requests with expected results, one JSON object a line
  double tolerance = 0;   // on the probability, for `reference`
};

/// Throws Error at `path` when the file has none, and says how to add them.
StoredGolden stored_golden(const Model& model, const std::string& path);

}  // namespace dinghy::converter
