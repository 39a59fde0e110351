// A report as a table, as JSON and as a picture.
#pragma once

#include <string>

#include "bench/dinghy_bench/measurement.h"

namespace dinghy::bench {

std::string text_of(const Report& report);

/// One object; times are microseconds, sizes bytes.
std::string json_of(const Report& report);

/// An SVG: latency against candidates or, when there is one number of candidates, against the history (p50 solid, p99
/// dashed), and how the latencies are distributed. Of the first state of the pages alone.
std::string svg_of(const Report& report);

}  // namespace dinghy::bench
