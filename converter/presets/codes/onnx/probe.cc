#include "converter/presets/codes/onnx/probe.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <set>

namespace dinghy::converter {
namespace {

class Evaluation {
 public:
  Evaluation(const Bindings& bindings, std::size_t place) : known_(bindings), place_(place) {}

  const Vector* numbers(const Expression* of) {
    if (const auto known = known_.find(of); known != known_.end()) return &known->second;
    std::optional<Vector> result;
    if (of->kind == ExpressionKind::constant) {
      const auto begin = of->numbers.begin() + static_cast<std::ptrdiff_t>(of->time > 0 ? place_ * of->width : 0);
      result = Vector(begin, begin + static_cast<std::ptrdiff_t>(of->width));
    } else if (of->kind == ExpressionKind::elementwise) {
      result = elementwise(of);
    } else if (of->kind == ExpressionKind::channel_sum) {
      if (const Vector* all = numbers(of->args[0])) {
        double sum = 0;
        for (const double number : *all) sum += number;
        result = Vector{sum};
      }
    }
    return result ? &(known_[of] = std::move(*result)) : nullptr;
  }

 private:
  std::optional<Vector> elementwise(const Expression* of) {
    std::vector<const Vector*> args;
    for (const Expression* arg : of->args) {
      const Vector* values = numbers(arg);
      if (!values) return std::nullopt;
      args.push_back(values);
    }
    Vector result(of->width);
    const auto at = [&](std::size_t arg, std::size_t c) {
      return arg < args.size() ? (*args[arg])[args[arg]->size() == 1 ? 0 : c] : 0;
    };
    for (std::size_t c = 0; c < result.size(); ++c) result[c] = of->operation->apply(at(0, c), at(1, c), at(2, c));
    return result;
  }

  Bindings known_;
  std::size_t place_;
};

void walk(const Expression* of, std::set<const Expression*>& seen,
          const std::function<bool(const Expression*)>& descends) {
  if (!seen.insert(of).second || !descends(of)) return;
  for (const Expression* arg : of->args) walk(arg, seen, descends);
}

// Numbers that differ from channel to channel, all with the sign of `base`: a function of the whole row shows itself.
Vector pattern(std::size_t width, double base) {
  Vector numbers(width);
  for (std::size_t c = 0; c < width; ++c) numbers[c] = base * (1 + 0.13 * static_cast<double>((c * 7 + 3) % 11));
  return numbers;
}

constexpr double kBases[] = {-1000, -7.5, -1, -0.01, 0.3, 1, 7.5, 1000};

// Whether expected(number, channel) is what `of` gives for a number of `source`.
bool agrees(const Expression* of, const Expression* source,
            const std::function<double(double, std::size_t)>& expected) {
  for (const double base : kBases) {
    const Vector x = pattern(source->width, base);
    const std::optional<Vector> y = numbers_of(of, {{source, x}});
    if (!y || y->size() != x.size()) return false;
    for (std::size_t c = 0; c < x.size(); ++c) {
      if (!near((*y)[c], expected(x[c], c))) return false;
    }
  }
  return true;
}

double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

std::optional<Activation> plain_or_prelu(const Expression* of, const Expression* source) {
  using Kind = format::ActivationKind;
  if (agrees(of, source, [](double x, std::size_t) { return x; })) return plain_activation(Kind::identity);
  if (agrees(of, source, [](double x, std::size_t) { return std::max(x, 0.0); })) return plain_activation(Kind::relu);
  if (agrees(of, source, [](double x, std::size_t) { return sigmoid(x); })) return plain_activation(Kind::sigmoid);
  if (agrees(of, source, [](double x, std::size_t) { return std::tanh(x); })) return plain_activation(Kind::tanh);
  const std::optional<Vector> below = numbers_of(of, {{source, Vector(source->width, -1.0)}});
  if (!below || below->size() != source->width) return std::nullopt;
  Activation prelu = plain_activation(Kind::prelu);
  for (const double number : *below) prelu.alpha.push_back(-number);
  const bool fits = agrees(of, source, [&](double x, std::size_t c) { return x > 0 ? x : prelu.alpha[c] * x; });
  return fits ? std::optional(prelu) : std::nullopt;
}

// alpha when `of` is x * (p + alpha * (1 - p)).
std::optional<Vector> gate_alpha(const Expression* of, const Expression* x, const Expression* p) {
  const auto value = [&](double base, double open) {
    return numbers_of(of, {{x, pattern(x->width, base)}, {p, Vector(p->width, open)}});
  };
  const std::optional<Vector> closed = value(1, 0);
  if (!closed || closed->size() != x->width) return std::nullopt;
  const Vector ones = pattern(x->width, 1);
  Vector alpha(x->width);
  for (std::size_t c = 0; c < alpha.size(); ++c) alpha[c] = (*closed)[c] / ones[c];
  for (const double base : {-3.0, 0.5, 20.0}) {
    const Vector numbers = pattern(x->width, base);
    for (const double open : {0.0, 0.25, 1.0}) {
      const std::optional<Vector> y = value(base, open);
      for (std::size_t c = 0; c < alpha.size(); ++c) {
        if (!near((*y)[c], numbers[c] * (open + alpha[c] * (1 - open)))) return std::nullopt;
      }
    }
  }
  return alpha;
}

// epsilon when `of` is (x - mean) / sqrt(sum((x - mean)^2) + epsilon) over the channels.
std::optional<double> row_norm_epsilon(const Expression* of, const Expression* x) {
  std::optional<double> epsilon;
  for (const double base : {0.01, -0.02, 1.5}) {
    const Vector numbers = pattern(x->width, base);
    const std::optional<Vector> y = numbers_of(of, {{x, numbers}});
    if (!y || y->size() != numbers.size()) return std::nullopt;
    double mean = 0, squares = 0;
    for (const double number : numbers) mean += number / static_cast<double>(numbers.size());
    for (const double number : numbers) squares += (number - mean) * (number - mean);
    const double ratio = (numbers[0] - mean) / (*y)[0];
    if (!epsilon) epsilon = ratio * ratio - squares;
    for (std::size_t c = 0; c < numbers.size(); ++c) {
      if (!near((*y)[c], (numbers[c] - mean) / std::sqrt(squares + *epsilon))) return std::nullopt;
    }
  }
  return epsilon && *epsilon >= 0 ? epsilon : std::nullopt;
}

std::optional<Activation> gate(const Expression* of, const Expression* x) {
  for (const Expression* p : between(of, x)) {
    if (p->kind != ExpressionKind::elementwise || p->operation->name != std::string("Sigmoid")) continue;
    const std::optional<Vector> alpha = gate_alpha(of, x, p);
    if (!alpha) continue;
    Activation activation;
    activation.alpha = *alpha;
    if (const std::optional<Affine> norm = affine_of(p->args[0], x)) {
      activation.kind = format::ActivationKind::gate;
      activation.scale = norm->scale;
      activation.shift = norm->shift;
      return activation;
    }
    if (const std::optional<double> epsilon = row_norm_epsilon(p->args[0], x)) {
      activation.kind = format::ActivationKind::row_gate;
      activation.epsilon = *epsilon;
      return activation;
    }
  }
  return std::nullopt;
}

}  // namespace

bool near(double a, double b) {
  if (a == b) return true;
  return std::isfinite(a) && std::isfinite(b) && std::abs(a - b) <= 1e-9 * std::max({1.0, std::abs(a), std::abs(b)});
}

std::optional<Vector> numbers_of(const Expression* of, const Bindings& bindings, std::size_t place) {
  Evaluation evaluation(bindings, place);
  const Vector* numbers = evaluation.numbers(of);
  return numbers ? std::optional(*numbers) : std::nullopt;
}

std::vector<const Expression*> sources_of(const Expression* of, bool through_sums) {
  std::set<const Expression*> seen;
  std::vector<const Expression*> sources;
  walk(of, seen, [&](const Expression* e) {
    const bool passes = e->kind == ExpressionKind::elementwise || e->kind == ExpressionKind::constant ||
                        (through_sums && e->kind == ExpressionKind::channel_sum);
    if (!passes) sources.push_back(e);
    return passes;
  });
  return sources;
}

std::vector<const Expression*> between(const Expression* of, const Expression* source) {
  std::set<const Expression*> seen;
  std::vector<const Expression*> way;
  walk(of, seen, [&](const Expression* e) {
    const bool passes = e->kind == ExpressionKind::elementwise || e->kind == ExpressionKind::channel_sum;
    if (e == source || passes) way.push_back(e);
    return passes && e != source;
  });
  std::ranges::stable_sort(way, {}, &Expression::depth);
  return way;
}

std::optional<Affine> affine_of(const Expression* of, const Expression* source) {
  const std::optional<Vector> zero = numbers_of(of, {{source, Vector(source->width, 0.0)}});
  const Vector ones = pattern(source->width, 1);
  const std::optional<Vector> one = numbers_of(of, {{source, ones}});
  if (!zero || !one || zero->size() != ones.size()) return std::nullopt;
  Affine affine;
  affine.shift = *zero;
  for (std::size_t c = 0; c < ones.size(); ++c) affine.scale.push_back(((*one)[c] - (*zero)[c]) / ones[c]);
  const bool fits = agrees(of, source, [&](double x, std::size_t c) { return x * affine.scale[c] + affine.shift[c]; });
  return fits ? std::optional(affine) : std::nullopt;
}

std::optional<Activation> activation_of(const Expression* of, const Expression* source) {
  if (std::optional<Activation> plain = plain_or_prelu(of, source)) return plain;
  return gate(of, source);
}

}  // namespace dinghy::converter
