// Requests through a model, and what is kept of them for metrics.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "converter/evaluation/metrics.h"
#include "converter/requests/request_scorer.h"
#include "converter/requests/requests.h"

namespace dinghy::converter {

/// The number of the feature that tells users apart, for GAUC: the one that is `wanted`, else the only one there is, or
/// by its usual name; none where nothing tells. Throws Error at `path` when there is no user feature of ids `wanted`.
std::optional<std::uint32_t> find_user_feature(const RequestShape& shape, const std::string& wanted,
                                               const std::string& path);

enum class Labels { required, optional };

struct ScoredRequests {
  std::vector<Impression> impressions;  // all candidates in order
  std::uint64_t requests = 0;
  bool labelled = false;  // the impressions say whether they were clicked
};

/// Scores all requests that `requests` has left. Throws Error when there are no candidates, for labels other than 0 and
/// 1, for missing ones that are required, and when some lines have labels and others have none.
ScoredRequests score_requests(RequestReader& requests, RequestScorer& scorer, std::optional<std::uint32_t> user_feature,
                              Labels labels, const std::string& path);

}  // namespace dinghy::converter
