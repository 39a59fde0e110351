#include "converter/presets/codes/onnx/scalar_operation.h"

#include <algorithm>
#include <cmath>
#include <iterator>

namespace dinghy::converter {
namespace {

double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }
double truth(bool value) { return value ? 1 : 0; }

constexpr ScalarOperation kOperations[] = {
    {"Abs", 1, [](double a, double, double) { return std::abs(a); }},
    {"Add", 2, [](double a, double b, double) { return a + b; }},
    {"And", 2, [](double a, double b, double) { return truth(a != 0 && b != 0); }},
    {"Div", 2, [](double a, double b, double) { return a / b; }},
    {"Equal", 2, [](double a, double b, double) { return truth(a == b); }},
    {"Erf", 1, [](double a, double, double) { return std::erf(a); }},
    {"Exp", 1, [](double a, double, double) { return std::exp(a); }},
    {"Greater", 2, [](double a, double b, double) { return truth(a > b); }},
    {"GreaterOrEqual", 2, [](double a, double b, double) { return truth(a >= b); }},
    {"Less", 2, [](double a, double b, double) { return truth(a < b); }},
    {"LessOrEqual", 2, [](double a, double b, double) { return truth(a <= b); }},
    {"Log", 1, [](double a, double, double) { return std::log(a); }},
    {"Max", 2, [](double a, double b, double) { return std::max(a, b); }},
    {"Min", 2, [](double a, double b, double) { return std::min(a, b); }},
    {"Mul", 2, [](double a, double b, double) { return a * b; }},
    {"Neg", 1, [](double a, double, double) { return -a; }},
    {"Not", 1, [](double a, double, double) { return truth(a == 0); }},
    {"Or", 2, [](double a, double b, double) { return truth(a != 0 || b != 0); }},
    {"PRelu", 2, [](double a, double b, double) { return a > 0 ? a : a * b; }},
    {"Pow", 2, [](double a, double b, double) { return std::pow(a, b); }},
    {"Reciprocal", 1, [](double a, double, double) { return 1 / a; }},
    {"Relu", 1, [](double a, double, double) { return std::max(a, 0.0); }},
    {"Sigmoid", 1, [](double a, double, double) { return sigmoid(a); }},
    {"Softplus", 1, [](double a, double, double) { return std::log1p(std::exp(-std::abs(a))) + std::max(a, 0.0); }},
    {"Sqrt", 1, [](double a, double, double) { return std::sqrt(a); }},
    {"Sub", 2, [](double a, double b, double) { return a - b; }},
    {"Tanh", 1, [](double a, double, double) { return std::tanh(a); }},
    {"Where", 3, [](double a, double b, double c) { return a != 0 ? b : c; }},
};

}  // namespace

const ScalarOperation* find_scalar_operation(const std::string& name) {
  const auto found =
      std::ranges::find_if(kOperations, [&](const ScalarOperation& known) { return name == known.name; });
  return found == std::end(kOperations) ? nullptr : found;
}

}  // namespace dinghy::converter
