// The golden rows that a model carries: requests with the scores of the original framework.
#pragma once

#include <cstdint>
#include <string>

namespace dinghy::converter {

struct GoldenRows {
  std::string lines;  // one JSON object a line
  std::uint32_t count = 0;
  double tolerance = 1e-5;  // on the probability, for `reference`
};

}  // namespace dinghy::converter
