// Golden rows compared with what a model gives: their scores, and the attention weights where they have them.
#pragma once

#include <string>

#include "converter/requests/request_scorer.h"
#include "converter/requests/requests.h"

namespace dinghy::converter {

/// The largest distance between an expected number and ours, and where it is.
struct Deviation {
  double distance = 0;
  double expected = 0;
  double got = 0;
  std::string where;  // "golden.jsonl:12, candidate 3"; empty when nothing differs
};

struct GoldenComparison {
  std::size_t rows = 0;  // lines
  std::size_t scores = 0;
  std::size_t weights = 0;  // attention weights that were compared
  Deviation score;          // on the probability
  Deviation attention;
};

/// Throws Error for a request without "scores".
void require_scores(const Request& request);

/// Scores all rows that `rows` has left. Throws Error for a line without "scores".
GoldenComparison compare_golden_rows(RequestReader& rows, RequestScorer& scorer);

/// "golden.jsonl:12, candidate 3: 0.25 instead of 0.5 (off by 0.25)"
std::string describe(const Deviation& deviation);

}  // namespace dinghy::converter
