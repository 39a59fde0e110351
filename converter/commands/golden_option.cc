#include "converter/commands/golden_option.h"

#include <algorithm>
#include <cmath>

#include "converter/error.h"
#include "converter/golden/error_pattern.h"
#include "converter/text/suggestion.h"
#include "converter/text/text_file.h"
#include "dinghy/isa.h"
#include "model_generated.h"

namespace dinghy::converter {
namespace {

constexpr std::uint64_t kMaxRows = std::uint64_t{256} << 20;

double two_digits_up(double x) {
  const double digit = std::pow(10, std::floor(std::log10(x)) - 1);
  return std::ceil(x / digit) * digit;
}

// Weights that agree leave what stands behind the attention.
std::string attention_verdict(const IsaCheck& check) {
  if (check.comparison.weights == 0) return {};
  const bool agrees = check.comparison.attention.distance <= check.tolerance.attention;
  return agrees ? "; its attention agrees, so look at the tower and its inputs" : "; its attention differs too";
}

// Which rows are off says where to look.
std::string pattern_text(const Model& model, const std::string& checkpoint, const GoldenRows& golden,
                         const std::string& path, const IsaCheck& check) {
  RequestScorer scorer(model, checkpoint, {.isa = check.isa});
  RequestReader rows(request_shape(model), golden.lines, path);
  const std::string text = error_pattern(rows, scorer, check.tolerance.score);
  return text.empty() ? text : "; " + text;
}

[[noreturn]] void fail_check(const std::string& checkpoint, const IsaCheck& check, const std::string& pattern,
                             const std::vector<std::string>& assumed) {
  const bool of_scores = check.comparison.score.distance > check.tolerance.score;
  throw Error(checkpoint, "does not score as expected, " + check.failure + (of_scores ? attention_verdict(check) : "") +
                              pattern +
                              (assumed.empty() ? "; nothing was ASSUMED" : "; ASSUMED was " + listed(assumed)) +
                              "; the preset or the recipe does not fit, see docs/recipes.md");
}

}  // namespace

GoldenRows read_golden(const std::string& path, double tolerance) {
  GoldenRows golden;
  if (path.empty()) return golden;
  golden.lines = read_text_file(path, "--check takes requests with \"scores\", one JSON object a line", kMaxRows);
  if (!golden.lines.empty() && !golden.lines.ends_with('\n')) golden.lines += '\n';
  golden.count = static_cast<std::uint32_t>(std::ranges::count(golden.lines, '\n'));
  golden.tolerance = {tolerance, tolerance};
  if (golden.count == 0) throw Error(path, "holds no rows; --check takes requests with \"scores\", one a line");
  return golden;
}

std::vector<IsaCheck> check_golden(const Model& model, const GoldenRows& golden, const std::string& path,
                                   const std::string& checkpoint, const std::vector<std::string>& assumed) {
  std::vector<IsaCheck> checks;
  if (golden.count == 0) return checks;
  for (const std::string isa : {"reference", ""}) {
    checks.push_back(check_isa(model, checkpoint, isa, golden.lines, path, golden.tolerance));
    if (checks.back().failure.empty()) continue;
    fail_check(checkpoint, checks.back(), pattern_text(model, checkpoint, golden, path, checks.back()), assumed);
  }
  return checks;
}

GoldenTolerance tolerance_of_stored(const Model& model, const GoldenRows& golden, const std::string& path) {
  const bool integers = format::GetModel(model.metadata().data())->compute() != format::Compute::f32;
  GoldenTolerance far{0, 0};
  for (const Isa& isa : isas()) {
    if (!isa.available || (!integers && isa.name != std::string_view("reference"))) continue;
    const GoldenComparison found = check_isa(model, path, isa.name, golden.lines, path, golden.tolerance).comparison;
    const double factor = integers ? 2 : 1;
    far.score = std::max(far.score, factor * found.score.distance);
    far.attention = std::max(far.attention, factor * found.attention.distance);
  }
  return {two_digits_up(golden.tolerance.score + far.score), two_digits_up(golden.tolerance.attention + far.attention)};
}

}  // namespace dinghy::converter
