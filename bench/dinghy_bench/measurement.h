// What dinghy-bench measures.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "bench/dinghy_bench/page_state.h"
#include "bench/dinghy_bench/process.h"
#include "bench/dinghy_bench/steps.h"
#include "bench/dinghy_bench/times.h"
#include "bench/requests/prepared_request.h"

namespace dinghy::bench {

/// Requests of one size (or those of a file) in one state of the pages.
struct Measurement {
  double candidates = 0;  // of a request, on average
  double history = 0;
  PageState state = PageState::hot;
  Times request;  // set() and score(), and prefetch() where it is asked for
  Times set;
  Times score;
  double candidates_per_second = 0;
  double minor_faults = 0;  // of a request, on average
  double major_faults = 0;
  std::vector<Step> steps = {};  // with hot pages, on an ISA with kernels
};

/// From a path to a scorer that is ready.
struct Load {
  Times open;     // Model::open
  Times create;   // UserState::create and Scorer::create
  Memory memory;  // what they and the first request add to the process
};

struct Report {
  std::string model;
  std::string isa;
  Load load;
  std::vector<Measurement> measurements;
};

struct MeasureOptions {
  std::string isa;  // empty: the engine's choice
  bool prefetch = false;
  double seconds = 1;  // for each measurement, at least; the warm-up takes as long at most
};

/// Scores `requests` in turn, first once to warm up. Throws converter::Error when the engine refuses a request.
Measurement measure(const Model& model, const std::string& path, const std::vector<PreparedRequest>& requests,
                    PageState state, const MeasureOptions& options);

/// `first`: the request that is scored to see what memory it takes.
Load measure_load(const std::string& path, const PreparedRequest& first, const MeasureOptions& options);

}  // namespace dinghy::bench
