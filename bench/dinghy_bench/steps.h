// Where the time of a request goes.
#pragma once

#include <vector>

#include "bench/dinghy_bench/ranker.h"

namespace dinghy::bench {

struct Step {
  const char* name;
  double microseconds;
};

/// Scores `requests` in turn for `seconds` with a clock around every kernel, which costs some 0.05 us a call, and gives
/// the steps of the fastest one: in a mean a pause of the machine would look like a slow step. The last step is what no
/// kernel does: ids to rows, vectors gathered, repeats found. Empty for the ISA `reference`, which has no kernels.
std::vector<Step> measure_steps(Ranker& ranker, const std::vector<PreparedRequest>& requests, double seconds);

}  // namespace dinghy::bench
