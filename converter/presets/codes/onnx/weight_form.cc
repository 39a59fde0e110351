#include "converter/presets/codes/onnx/weight_form.h"

#include <algorithm>
#include <cmath>

#include "converter/presets/codes/onnx/probe.h"

namespace dinghy::converter {
namespace {

struct Line {
  double slope, start;
};

// The straight line through the values for kProbedScores.
std::optional<Line> line_through(const ScoreValues& values) {
  const Line line = {(values[2] - values[1]) / (kProbedScores[2] - kProbedScores[1]), values[1]};
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!near(values[i], line.slope * kProbedScores[i] + line.start)) return std::nullopt;
  }
  return line;
}

void set_line(const GraphConversion& graph, const Expression* at, const ScoreValues& real, WeightForm& form) {
  std::optional<Line> line = line_through(real);
  if (!line) {
    ScoreValues logits;
    for (const double value : real) logits.push_back(std::log(value / (1 - value)));
    line = line_through(logits);
    if (!line || form.normalizer == format::Normalizer::softmax) {
      graph.fail(at, "the scores of the history go through a function that is neither a scale nor a sigmoid");
    }
    form.normalizer = format::Normalizer::sigmoid;
  }
  form.scale = line->slope;
  form.shift = line->start;
}

WeightForm softmax_form(const GraphConversion& graph, const WeightFunction& behind, const Expression* softmax) {
  const WeightFunction before(graph, softmax->args[0]);
  WeightForm form;
  form.score = before.score();
  form.normalizer = format::Normalizer::softmax;
  if (!form.score) graph.fail(softmax, "is a softmax of what depends on neither candidate nor history");
  set_line(graph, softmax, before.of_behaviours(), form);
  const std::optional<Line> after = line_through(behind.of_behaviours());
  const bool drops = behind.mask().kind != HistoryMask::Kind::none;
  if (!after || !near(after->slope, 1) || !near(after->start, 0) || (drops && !are_all(behind.of_padding(), 0))) {
    graph.fail(softmax, "the weights behind the softmax go through a function that is no mask");
  }
  if (drops && before.mask().kind != HistoryMask::Kind::none && before.mask() != behind.mask()) {
    graph.fail(softmax, "has other masks before than behind");
  }
  form.mask = before.mask().kind != HistoryMask::Kind::none ? before.mask() : behind.mask();
  if (before.mask().kind == HistoryMask::Kind::none) {
    form.pads = drops ? format::Pads::denominator : format::Pads::attend;
  } else if (are_all(before.of_padding(), 0)) {
    form.pads = format::Pads::zero_logit;
    if (drops) graph.fail(softmax, "fills masked logits with 0 and drops their weights, which no code known here does");
  } else if (are_masked(before.of_padding())) {
    const bool infinite = std::isinf(before.of_padding()[0]);
    form.empty = infinite ? format::EmptyHistory::reject
                 : drops  ? format::EmptyHistory::zero
                          : format::EmptyHistory::pad_row;
  } else {
    graph.fail(softmax, "masked logits are neither 0 nor very negative");
  }
  return form;
}

}  // namespace

WeightForm weight_form_of(const GraphConversion& graph, const Expression* weight) {
  const WeightFunction function(graph, weight);
  if (function.score() && function.score()->kind == ExpressionKind::softmax) {
    return softmax_form(graph, function, function.score());
  }
  WeightForm form;
  form.score = function.score();
  form.mask = function.mask();
  if (form.score) {
    set_line(graph, weight, function.of_behaviours(), form);
  } else {
    form.normalizer = format::Normalizer::one;
    form.scale = function.of_behaviours()[0];
  }
  if (form.mask.kind == HistoryMask::Kind::none) {
    form.pads = format::Pads::attend;
  } else if (!are_all(function.of_padding(), 0)) {
    graph.fail(weight, "the weights of padding are not 0");
  }
  return form;
}

}  // namespace dinghy::converter
