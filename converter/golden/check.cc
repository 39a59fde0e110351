#include "converter/golden/check.h"

#include "schema/golden_bounds.h"

namespace dinghy::converter {

IsaCheck check_isa(const Model& model, const std::string& path, const std::string& isa, const std::string& lines,
                   const std::string& name, GoldenTolerance tolerance) {
  RequestScorer scorer(model, path, {.isa = isa});
  RequestReader rows(request_shape(model), lines, name);
  IsaCheck check;
  check.isa = scorer.isa();
  check.comparison = compare_golden_rows(rows, scorer);
  check.tolerance = {format::score_tolerance(tolerance.score, check.isa == "reference"),
                     format::attention_tolerance(tolerance.attention)};
  if (check.comparison.score.distance > check.tolerance.score) {
    check.failure = check.isa + ": score of " + describe(check.comparison.score);
  } else if (check.comparison.attention.distance > check.tolerance.attention) {
    check.failure = check.isa + ": attention of " + describe(check.comparison.attention);
  }
  return check;
}

}  // namespace dinghy::converter
