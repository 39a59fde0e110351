#include "converter/presets/codes/onnx/weight_function.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "converter/graph.h"
#include "converter/presets/codes/onnx/probe.h"

namespace dinghy::converter {
namespace {

constexpr double kOtherId = 1'000'003;  // an id that no constant is

bool same(const ScoreValues& a, const ScoreValues& b) {
  return std::ranges::equal(a, b, [](double x, double y) { return near(x, y) || (std::isnan(x) && std::isnan(y)); });
}

// Whether a row of a table is looked up by `input`.
bool looks_up(const Expression* of, const Expression* input, std::set<const Expression*>& seen) {
  if (!seen.insert(of).second) return false;
  if (of->kind == ExpressionKind::rows && std::ranges::count(sources_of(of->args[0], false), input) > 0) return true;
  return std::ranges::any_of(of->args, [&](const Expression* arg) { return looks_up(arg, input, seen); });
}

bool is_truth(const GraphConversion& graph, const Expression* input) {
  const auto& inputs = graph.conversion.checkpoint.graph->inputs;
  const auto found = std::ranges::find(inputs, input->name, &GraphInput::name);
  return found != inputs.end() && found->truth;
}

}  // namespace

bool are_all(const ScoreValues& values, double number) {
  return std::ranges::all_of(values, [&](double value) { return near(value, number); });
}

bool are_masked(const ScoreValues& values) {
  constexpr double kMasked = -1e8;  // codes write -1e9, -2^31 + 1, -2^32 + 1, -inf
  return std::ranges::all_of(values, [](double value) { return value <= kMasked; });
}

WeightFunction::WeightFunction(const GraphConversion& graph, const Expression* function)
    : graph_(graph), function_(function) {
  for (const Expression* source : sources_of(function, false)) {
    if (source->kind == ExpressionKind::input) {
      inputs_.push_back(source);
    } else if (score_) {
      graph.fail(function, "the weights of the history depend on several scores");
    } else {
      score_ = source;
    }
  }
  std::ranges::sort(inputs_, {}, [](const Expression* e) { return std::pair(e->name, e->begin); });
  find_mask();
}

void WeightFunction::fail() const {
  graph_.fail(function_,
              "which behaviours count is not understood; known are a length, ids that differ from the "
              "padding's, a mask as an input, and nothing");
}

ScoreValues WeightFunction::at(const State& state) const {
  ScoreValues values;
  for (const double score : kProbedScores) {
    Bindings bindings;
    if (score_) bindings[score_] = {score};
    for (std::size_t i = 0; i < inputs_.size(); ++i) bindings[inputs_[i]] = {state.inputs[i]};
    const std::optional<Vector> numbers = numbers_of(function_, bindings, state.place);
    if (!numbers || numbers->size() != 1) fail();
    values.push_back((*numbers)[0]);
  }
  return values;
}

ScoreValues WeightFunction::at_all(double number) const { return at({Vector(inputs_.size(), number), 0}); }

bool WeightFunction::is_real(const State& state) const {
  const ScoreValues values = at(state);
  if (same(values, real_)) return true;
  if (!same(values, pad_)) fail();
  return false;
}

void WeightFunction::find_mask() {
  if (inputs_.empty()) {
    real_ = pad_ = at({});
    return;
  }
  const bool by_place = inputs_[0]->time > 0;
  for (const Expression* input : inputs_) {
    if ((input->time > 0) != by_place || input->width != 1) fail();
  }
  if (!by_place) {
    if (inputs_.size() > 1) fail();
    find_length_mask();
    return;
  }
  const auto marks = std::ranges::count_if(inputs_, [&](const Expression* input) {
    std::set<const Expression*> seen;
    return !looks_up(graph_.score.expression, input, seen);
  });
  if (marks == 0) {
    find_id_mask();
  } else if (static_cast<std::size_t>(marks) == inputs_.size() && marks == 1) {
    find_mark_mask();
  } else {
    fail();
  }
}

// Padding's id shows as one that gives other weights. Likely ones first; then the constants of the graph and what lies
// beside them, since a comparison may be one of order.
std::vector<double> WeightFunction::probed_ids() const {
  std::vector<double> ids = {0, -1};
  for (const Expression* e : between(function_, nullptr)) {
    for (const Expression* arg : e->args) {
      if (arg->kind != ExpressionKind::constant || arg->numbers.size() != 1) continue;
      for (const double id : {arg->numbers[0], arg->numbers[0] - 1, arg->numbers[0] + 1}) ids.push_back(id);
    }
  }
  for (const double id : {1.0, 2.0, 12'345.0}) ids.push_back(id);
  std::erase_if(ids, [](double id) { return id != std::trunc(id) || std::abs(id) > 1e15; });
  return ids;
}

void WeightFunction::find_id_mask() {
  constexpr std::size_t kMaxColumns = 6;
  if (inputs_.size() > kMaxColumns) fail();
  const std::vector<double> ids = probed_ids();
  real_ = pad_ = at_all(kOtherId);
  const auto pad = std::ranges::find_if(ids, [&](double id) { return !same(at_all(id), real_); });
  if (pad == ids.end()) return;
  pad_ = at_all(*pad);
  // All other ids are behaviours alike: a graph that computes with an id's number is no mask.
  for (const double id : ids) {
    if (id >= 0 && id != *pad && !is_real({Vector(inputs_.size(), id), 0})) fail();
  }
  mask_ = {.kind = HistoryMask::Kind::ids,
           .rule = format::Mask::first_id,
           .inputs = inputs_,
           .pad_id = static_cast<std::int64_t>(*pad)};
  if (inputs_.size() > 1) mask_.rule = rule_of_columns(*pad);
}

format::Mask WeightFunction::rule_of_columns(double pad) const {
  bool any = true, every = true;
  for (std::size_t real = 0; real < std::size_t{1} << inputs_.size(); ++real) {
    State state{Vector(inputs_.size()), 0};
    for (std::size_t i = 0; i < inputs_.size(); ++i) state.inputs[i] = (real >> i & 1) != 0 ? kOtherId : pad;
    const bool counts = is_real(state);
    any &= counts == (real != 0);
    every &= counts == (real + 1 == std::size_t{1} << inputs_.size());
  }
  if (!any && !every) fail();
  return any ? format::Mask::all_ids : format::Mask::every_id;
}

// An input of 0 and 1, which of them is padding shows in the weights.
void WeightFunction::find_mark_mask() {
  const auto dropped = [](const ScoreValues& values) { return are_all(values, 0) || are_masked(values); };
  const ScoreValues off = at_all(0), on = at_all(1);
  if (dropped(off) == dropped(on)) fail();
  real_ = dropped(off) ? on : off;
  pad_ = dropped(off) ? off : on;
  mask_ = {.kind = HistoryMask::Kind::marks, .inputs = inputs_, .marks_behaviours = dropped(off)};
  mask_.assumes_ones = !is_truth(graph_, inputs_[0]) && !same(at_all(2), on);
}

void WeightFunction::find_length_mask() {
  const std::size_t places = function_->time;
  if (places == 0) fail();
  const auto whole = static_cast<double>(places);
  real_ = at({{whole}, 0});
  pad_ = at({{0}, places - 1});
  if (same(real_, pad_)) return;
  bool right = true, left = true;
  for (const std::size_t length : {std::size_t{0}, std::size_t{1}, places / 2, places - 1, places}) {
    for (std::size_t place = 0; place < places; ++place) {
      const bool counts = is_real({{static_cast<double>(length)}, place});
      right &= counts == (place < length);
      left &= counts == (place + length >= places);
    }
  }
  if (!right && !left) fail();
  mask_ = {.kind = HistoryMask::Kind::length,
           .inputs = inputs_,
           .side = right ? format::PadSide::right : format::PadSide::left};
}

}  // namespace dinghy::converter
