#include "converter/presets/codes/onnx/history_mean.h"

#include <algorithm>
#include <cmath>

#include "converter/presets/codes/onnx/probe.h"

namespace dinghy::converter {
namespace {

constexpr double kUnseen = 1e-6;  // of a score in floats; small numbers keep the count from 0

bool is_input(const Expression* e) { return e->kind == ExpressionKind::input; }

// Whether `quotient` is the sum divided by the count, for each count of behaviours that there can be.
bool divides(const Expression* quotient, const HistoryMean& mean) {
  for (std::size_t count = 1; count <= mean.sum->args[0]->time; ++count) {
    Vector numbers(mean.sum->width), divisor = {static_cast<double>(count)};
    for (std::size_t c = 0; c < numbers.size(); ++c) numbers[c] = static_cast<double>(c % 5) - 1.5;
    const auto quotients = numbers_of(quotient, {{mean.sum, numbers}, {mean.count, divisor}});
    if (!quotients || quotients->size() != numbers.size()) return false;
    for (std::size_t c = 0; c < numbers.size(); ++c) {
      if (std::abs((*quotients)[c] - numbers[c] / divisor[0]) > kUnseen * std::abs(numbers[c])) return false;
    }
  }
  return true;
}

}  // namespace

bool is_count(const Expression* sum) {
  if (sum->kind != ExpressionKind::time_sum || sum->width != 1) return false;
  const std::vector<const Expression*> sources = sources_of(sum->args[0], false);
  return !sources.empty() && std::ranges::all_of(sources, is_input);
}

std::optional<HistoryMean> history_mean_of(const Expression* quotient) {
  if (quotient->kind != ExpressionKind::elementwise) return std::nullopt;
  HistoryMean mean;
  for (const Expression* source : sources_of(quotient, false)) {
    const Expression*& place = is_count(source) || is_input(source) ? mean.count : mean.sum;
    if (place) return std::nullopt;
    place = source;
  }
  if (!mean.sum || !mean.count || mean.sum->kind != ExpressionKind::time_sum) return std::nullopt;
  if (mean.count->width != 1 || mean.count->time != 0) return std::nullopt;
  return divides(quotient, mean) ? std::optional(mean) : std::nullopt;
}

void check_count(const GraphConversion& graph, const Expression* quotient, const Expression* count,
                 const HistoryMask& mask) {
  if (is_input(count)) {
    if (mask.kind == HistoryMask::Kind::length && mask.inputs[0] == count) return;
    graph.fail(quotient, "divides the sum of a history by an input that is not its length");
  }
  const WeightFunction mark(graph, count->args[0]);
  const bool counts = are_all(mark.of_behaviours(), 1) && are_all(mark.of_padding(), 0);
  if (!counts || mark.mask() != mask) {
    graph.fail(quotient, "divides the sum of a history by something else than the number of behaviours in it");
  }
}

}  // namespace dinghy::converter
