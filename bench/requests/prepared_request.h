// A request with its columns as the engine takes them, made before anything is timed.
#pragma once

#include <utility>
#include <vector>

#include "converter/requests/requests.h"

namespace dinghy::bench {

inline std::vector<Column> columns_of(const std::vector<converter::RequestColumn>& owned) {
  std::vector<Column> columns;
  for (const converter::RequestColumn& column : owned) columns.push_back(column.column());
  return columns;
}

/// Movable: the columns point to what the request's own vectors hold.
struct PreparedRequest {
  converter::Request request;
  std::vector<Column> features, history, candidates;

  explicit PreparedRequest(converter::Request owned)
      : request(std::move(owned)),
        features(columns_of(request.features)),
        history(columns_of(request.history)),
        candidates(columns_of(request.candidates)) {}
};

}  // namespace dinghy::bench
