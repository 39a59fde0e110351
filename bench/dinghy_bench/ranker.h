// A user state and a scorer for a set of requests.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "bench/requests/prepared_request.h"
#include "dinghy/scorer.h"
#include "engine/kernels/kernel_table.h"

namespace dinghy::bench {

/// Behaviours of the longest of a request's histories.
std::size_t longest_history(const PreparedRequest& request);

class Ranker {
 public:
  /// For requests of up to `candidates` and `history`; `isa` empty: the engine's choice. Throws converter::Error.
  Ranker(const Model& model, std::size_t candidates, std::size_t history, const std::string& isa);
  /// Large enough for any of `requests`.
  static Ranker for_requests(const Model& model, const std::vector<PreparedRequest>& requests, const std::string& isa);

  /// These throw converter::Error when the engine refuses the request.
  void prefetch(const PreparedRequest& request);
  void set(const PreparedRequest& request);
  void score(const PreparedRequest& request);

  /// The kernels that the scorer runs on, to be exchanged; null for the ISA `reference`.
  const kernels::KernelTable*& kernels();

 private:
  Model model_;
  std::vector<float> scores_;
  UserState user_;
  Scorer scorer_;
};

}  // namespace dinghy::bench
