// The commands of dinghy-device.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace dinghy::device {

struct Options {
  std::string isa = {};            // empty: all that this machine runs for selftest, the engine's choice for bench
  std::size_t candidates = 100;    // of a request
  std::size_t history = 0;         // behaviours of a request; 0: the longest that training saw, or 100
  double seconds = 1;              // to measure, after a tenth of it to warm up
  std::vector<std::string> paths;  // models
};

/// Each prints to standard output what it found, line by line, and what is wrong to standard error. True when nothing
/// is.
bool print_isas();
bool selftest(const Options& options);
bool verify(const Options& options);
bool bench(const Options& options);

}  // namespace dinghy::device
