#include "engine/reference/layers.h"

#include <cmath>

namespace dinghy::reference {
namespace {

/// Dice: p x + alpha (1 - p) x (paper section 5.3).
double gate(double x, double p, double alpha) noexcept { return p * x + alpha * (1 - p) * x; }

void row_gate(const Activation& a, double* y, std::size_t width) noexcept {
  double mean = 0;
  for (std::size_t i = 0; i < width; ++i) mean += y[i] / static_cast<double>(width);
  double squares = 0;
  for (std::size_t i = 0; i < width; ++i) squares += (y[i] - mean) * (y[i] - mean);
  for (std::size_t i = 0; i < width; ++i) {
    const double norm = (y[i] - mean) / std::sqrt(squares + static_cast<double>(a.epsilon));
    y[i] = gate(y[i], sigmoid(norm), static_cast<double>(a.alpha[i]));
  }
}

double activated(const Activation& a, double x, std::size_t i) noexcept {
  switch (a.kind) {
    case ActivationKind::identity:
      return x;
    case ActivationKind::relu:
      return x > 0 ? x : 0;
    case ActivationKind::leaky_relu:
      return x > 0 ? x : static_cast<double>(a.slope) * x;
    case ActivationKind::prelu:
      return x > 0 ? x : static_cast<double>(a.alpha[i]) * x;
    case ActivationKind::sigmoid:
      return sigmoid(x);
    case ActivationKind::tanh:
      return std::tanh(x);
    case ActivationKind::gate: {
      const double norm = static_cast<double>(a.scale[i]) * x + static_cast<double>(a.shift[i]);
      return gate(x, sigmoid(norm), static_cast<double>(a.alpha[i]));
    }
    case ActivationKind::row_gate:
      break;  // not of one channel
  }
  return x;
}

}  // namespace

double sigmoid(double x) noexcept {
  const double e = std::exp(-std::fabs(x));
  return (x < 0 ? e : 1) / (1 + e);
}

void activate(const Activation& activation, double* y, std::size_t width) noexcept {
  if (activation.kind == ActivationKind::row_gate) return row_gate(activation, y, width);
  for (std::size_t i = 0; i < width; ++i) y[i] = activated(activation, y[i], i);
}

void affine(const Layer& layer, const double* x, double* y) noexcept {
  for (std::size_t o = 0; o < layer.out; ++o) {
    double sum = static_cast<double>(layer.bias[o]);
    for (std::size_t i = 0; i < layer.in; ++i) sum += x[i] * static_cast<double>(layer.weight[i * layer.stride + o]);
    y[o] = sum;
  }
}

void run(const Layer* layers, std::size_t count, const double* x, double* y, double* spare) noexcept {
  // The last layer has to end in y: with an even count the first one starts in the other buffer.
  double* to = count % 2 == 1 ? y : spare;
  for (std::size_t l = 0; l < count; ++l) {
    affine(layers[l], x, to);
    activate(layers[l].activation, to, layers[l].out);
    x = to;
    to = to == y ? spare : y;
  }
}

}  // namespace dinghy::reference
