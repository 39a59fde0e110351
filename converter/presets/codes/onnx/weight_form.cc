#include "converter/presets/codes/onnx/weight_form.h"

#include <algorithm>
#include <cmath>

#include "converter/presets/codes/onnx/probe.h"

namespace dinghy::converter {
namespace {

constexpr double kScores[] = {-2, 0, 3, -0.5, 1.7};
constexpr double kMasked = -1e8;  // codes write -1e9, -2^31 + 1, -2^32 + 1, -inf

// Values of the function for kScores; the function sees the score, ids and lengths of one place.
using Values = std::vector<double>;

struct State {
  std::vector<double> inputs;
  std::size_t place = 0;
};

class WeightFunction {
 public:
  WeightFunction(const GraphConversion& graph, const Expression* function) : graph_(graph), function_(function) {
    for (const Expression* source : sources_of(function, false)) {
      if (source->kind == ExpressionKind::input) {
        inputs_.push_back(source);
      } else if (core_) {
        graph.fail(function, "the weights of the history depend on several scores");
      } else {
        core_ = source;
      }
    }
    std::ranges::sort(inputs_, {}, [](const Expression* e) { return std::pair(e->name, e->begin); });
    find_mask();
  }

  const Expression* core() const { return core_; }
  const HistoryMask& mask() const { return mask_; }
  /// Of behaviours, and of padding.
  const Values& real() const { return real_; }
  const Values& pad() const { return pad_; }

 private:
  [[noreturn]] void fail() const {
    graph_.fail(function_,
                "which behaviours count is not understood; known are a length, ids that differ from the "
                "padding's, a mask as an input, and nothing");
  }

  Values at(const State& state) const {
    Values values;
    for (const double score : kScores) {
      Bindings bindings;
      if (core_) bindings[core_] = {score};
      for (std::size_t i = 0; i < inputs_.size(); ++i) bindings[inputs_[i]] = {state.inputs[i]};
      const std::optional<Vector> numbers = numbers_of(function_, bindings, state.place);
      if (!numbers || numbers->size() != 1) fail();
      values.push_back((*numbers)[0]);
    }
    return values;
  }

  static bool same(const Values& a, const Values& b) {
    return std::ranges::equal(a, b, [](double x, double y) { return near(x, y) || (std::isnan(x) && std::isnan(y)); });
  }

  bool is_real(const State& state) const {
    const Values values = at(state);
    if (same(values, real_)) return true;
    if (!same(values, pad_)) fail();
    return false;
  }

  void find_mask() {
    if (inputs_.empty()) {
      real_ = pad_ = at({});
      return;
    }
    const bool by_ids = inputs_[0]->time > 0;
    for (const Expression* input : inputs_) {
      if ((input->time > 0) != by_ids || input->width != 1) fail();
    }
    if (by_ids) {
      find_id_mask();
    } else if (inputs_.size() == 1) {
      find_length_mask();
    } else {
      fail();
    }
  }

  // 0 first: it is padding's id wherever it can be.
  std::vector<double> constants() const {
    std::vector<double> numbers = {0};
    for (const Expression* e : between(function_, nullptr)) {
      for (const Expression* arg : e->args) {
        if (arg->kind == ExpressionKind::constant && arg->numbers.size() == 1) numbers.push_back(arg->numbers[0]);
      }
    }
    return numbers;
  }

  void find_id_mask() {
    constexpr std::size_t kMaxColumns = 6;
    constexpr double kOtherId = 1'000'003;  // an id that no constant is
    if (inputs_.size() > kMaxColumns) fail();
    const std::vector<double> candidates = constants();
    const auto pad = std::ranges::find_if(candidates, [&](double id) {
      if (id != std::trunc(id) || std::abs(id) > 1e15) return false;
      return !same(at({Vector(inputs_.size(), id), 0}), at({Vector(inputs_.size(), kOtherId), 0}));
    });
    real_ = pad_ = at({Vector(inputs_.size(), kOtherId), 0});
    if (pad == candidates.end()) return;
    pad_ = at({Vector(inputs_.size(), *pad), 0});
    mask_ = {HistoryMask::Kind::ids, format::Mask::first_id, inputs_, static_cast<std::int64_t>(*pad), {}};
    bool any = true, every = true;
    for (std::size_t real = 0; real < std::size_t{1} << inputs_.size(); ++real) {
      State state{Vector(inputs_.size()), 0};
      for (std::size_t i = 0; i < inputs_.size(); ++i) state.inputs[i] = (real >> i & 1) != 0 ? kOtherId : *pad;
      const bool counts = is_real(state);
      any &= counts == (real != 0);
      every &= counts == (real + 1 == std::size_t{1} << inputs_.size());
    }
    if (!any && !every) fail();
    if (inputs_.size() > 1) mask_.rule = any ? format::Mask::all_ids : format::Mask::every_id;
  }

  void find_length_mask() {
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
    mask_.kind = HistoryMask::Kind::length;
    mask_.side = right ? format::PadSide::right : format::PadSide::left;
  }

  const GraphConversion& graph_;
  const Expression* function_;
  const Expression* core_ = nullptr;
  std::vector<const Expression*> inputs_;
  Values real_, pad_;
  HistoryMask mask_;
};

bool all_are(const Values& values, double number) {
  return std::ranges::all_of(values, [&](double value) { return near(value, number); });
}

struct Line {
  double slope, start;
};

// The straight line through the values for kScores.
std::optional<Line> line_through(const Values& values) {
  const Line line = {(values[2] - values[1]) / (kScores[2] - kScores[1]), values[1]};
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!near(values[i], line.slope * kScores[i] + line.start)) return std::nullopt;
  }
  return line;
}

void set_line(const GraphConversion& graph, const Expression* at, const Values& real, WeightForm& form) {
  std::optional<Line> line = line_through(real);
  if (!line) {
    Values logits;
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
  form.score = before.core();
  form.normalizer = format::Normalizer::softmax;
  if (!form.score) graph.fail(softmax, "is a softmax of what depends on neither candidate nor history");
  set_line(graph, softmax, before.real(), form);
  const std::optional<Line> after = line_through(behind.real());
  const bool drops = behind.mask().kind != HistoryMask::Kind::none;
  if (!after || !near(after->slope, 1) || !near(after->start, 0) || (drops && !all_are(behind.pad(), 0))) {
    graph.fail(softmax, "the weights behind the softmax go through a function that is no mask");
  }
  form.mask = before.mask().kind != HistoryMask::Kind::none ? before.mask() : behind.mask();
  if (before.mask().kind == HistoryMask::Kind::none) {
    form.pads = drops ? format::Pads::denominator : format::Pads::attend;
  } else if (all_are(before.pad(), 0)) {
    form.pads = format::Pads::zero_logit;
    if (drops) graph.fail(softmax, "fills masked logits with 0 and drops their weights, which no code known here does");
  } else if (std::ranges::all_of(before.pad(), [](double value) { return value <= kMasked; })) {
    const bool infinite = std::isinf(before.pad()[0]);
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
  if (function.core() && function.core()->kind == ExpressionKind::softmax) {
    return softmax_form(graph, function, function.core());
  }
  WeightForm form;
  form.score = function.core();
  form.mask = function.mask();
  if (form.score) {
    set_line(graph, weight, function.real(), form);
  } else {
    form.normalizer = format::Normalizer::one;
    form.scale = function.real()[0];
  }
  if (form.mask.kind == HistoryMask::Kind::none) {
    form.pads = format::Pads::attend;
  } else if (!all_are(function.pad(), 0)) {
    graph.fail(weight, "the weights of padding are not 0");
  }
  return form;
}

}  // namespace dinghy::converter
