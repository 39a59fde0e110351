#include "tests/engine/golden_rows.h"

#include "converter/golden/request_packer.h"

namespace dinghy::tests {

converter::GoldenRows golden_rows(const Model& model, const ChangeExpected& change, std::size_t history) {
  converter::RequestPacker packer;
  for (std::uint32_t line = 1; line <= 3; ++line) {
    const Request request = random_request(model, line + 1, history, line);
    Scores expected = score(model, request, "reference");
    if (line == 2 && change) change(expected);
    const std::vector<double> scores(expected.scores.begin(), expected.scores.end());
    packer.add({.line = line,
                .features = request.user.columns(model),
                .history = request.history.columns(model),
                .candidates = request.candidates.columns(model),
                .scores = scores,
                .attention = expected.attention});
  }
  return {.lines = "{}\n", .count = 1, .columns = packer.finish(), .tolerance = {1e-6, 2e-6}};
}

}  // namespace dinghy::tests
