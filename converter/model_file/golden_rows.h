// The golden rows that a model carries: requests with the scores of the original framework.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace dinghy::converter {

/// How far `reference` may be off.
struct GoldenTolerance {
  double score = 1e-5;      // a probability
  double attention = 1e-5;  // an attention weight
};

struct GoldenRows {
  std::string lines;  // one JSON object a line
  std::uint32_t count = 0;
  std::vector<std::uint8_t> columns =
      {};  // the same for the engine's self-test (schema/golden.fbs); empty: the file has none
  GoldenTolerance tolerance;
};

}  // namespace dinghy::converter
