#include "converter/golden/comparison.h"

#include <cmath>

#include "converter/error.h"
#include "converter/text/number_text.h"

namespace dinghy::converter {
namespace {

/// Keeps the larger deviation. Both numbers are finite: JSON has no others, and RequestScorer gives none.
void note(Deviation& worst, double expected, float got, const std::string& where, std::size_t candidate) {
  const double distance = std::fabs(static_cast<double>(got) - expected);
  if (distance <= worst.distance) return;
  worst = {.distance = distance,
           .expected = expected,
           .got = got,
           .where = where + ", candidate " + std::to_string(candidate)};
}

void compare_attention(const Request& request, const RequestScores& scores, GoldenComparison& comparison) {
  for (std::size_t i = 0; i < request.attention.size(); ++i) {
    const std::vector<double>& expected = request.attention[i];
    const std::size_t length = request.candidate_count ? expected.size() / request.candidate_count : 0;
    for (std::size_t j = 0; j < expected.size(); ++j) {
      note(comparison.attention, expected[j], scores.attention[i][j], request.where, j / length);
    }
    comparison.weights += expected.size();
  }
}

}  // namespace

void require_scores(const Request& request) {
  if (request.scores.size() == request.candidate_count) return;
  throw Error(request.where, "no \"scores\"; a golden row has those that the original framework gave");
}

GoldenComparison compare_golden_rows(RequestReader& rows, RequestScorer& scorer) {
  GoldenComparison comparison;
  Request request;
  while (rows.next(request)) {
    require_scores(request);
    const RequestScores& scores = scorer.score(request, !request.attention.empty());
    ++comparison.rows;
    comparison.scores += request.scores.size();
    for (std::size_t n = 0; n < request.scores.size(); ++n) {
      note(comparison.score, request.scores[n], scores.scores[n], request.where, n);
    }
    compare_attention(request, scores, comparison);
  }
  return comparison;
}

std::string describe(const Deviation& deviation) {
  return deviation.where + ": " + number_text(static_cast<float>(deviation.got)) + " instead of " +
         number_text(deviation.expected) + " (off by " + number_text(static_cast<float>(deviation.distance)) + ")";
}

}  // namespace dinghy::converter
