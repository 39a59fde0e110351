// Functions are recognised by what they compute.
#include "converter/presets/codes/onnx/probe.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "converter/presets/codes/onnx/array.h"

namespace dinghy::converter {
namespace {

class Formula {
 public:
  Formula() : x(expressions_.input("x", 0, 3, 0)) {}

  const Expression* operator()(const char* operation, std::vector<const Expression*> args) {
    return expressions_.elementwise(find_scalar_operation(operation), std::move(args));
  }
  const Expression* number(double value) { return expressions_.constant({value}, 1, 0); }

 private:
  Expressions expressions_{"din.onnx"};

 public:
  const Expression* x;
};

}  // namespace

TEST_CASE("Plain activations are told apart by their values", "[presets]") {
  Formula f;
  using Kind = format::ActivationKind;
  CHECK(activation_of(f.x, f.x)->kind == Kind::identity);
  CHECK(activation_of(f("Max", {f.x, f.number(0)}), f.x)->kind == Kind::relu);
  CHECK(activation_of(f("Reciprocal", {f("Add", {f.number(1), f("Exp", {f("Neg", {f.x})})})}), f.x)->kind ==
        Kind::sigmoid);
  CHECK(activation_of(f("PRelu", {f.x, f.number(0.2)}), f.x)->alpha == Vector{0.2, 0.2, 0.2});
  const Expression* silu = f("Mul", {f.x, f("Sigmoid", {f.x})});
  CHECK(activation_of(silu, f.x)->kind == Kind::gate);
  CHECK(activation_of(silu, f.x)->alpha == Vector{0, 0, 0});
}

TEST_CASE("What is nearly an activation is none", "[presets]") {
  Formula f;
  const int kind = GENERATE(0, 1, 2, 3);
  const Expression* relu = f("Relu", {f.x});
  const Expression* odd[] = {
      f("Min", {relu, f.number(6)}),
      f("Mul", {f.x, f("Erf", {f.x})}),
      f("Mul", {f.x, f("Sigmoid", {f("Mul", {f.x, f.x})})}),
      f("Add", {relu, f.number(0.001)}),
  };
  CHECK_FALSE(activation_of(odd[kind], f.x));
}

TEST_CASE("Equal expressions are one, however often a graph computes them", "[presets]") {
  Formula f;
  CHECK(f("Mul", {f.x, f.number(2)}) == f("Mul", {f.x, f.number(2)}));
  CHECK(f("Mul", {f.x, f.number(2)}) != f("Mul", {f.x, f.number(3)}));
}

TEST_CASE("A reshape keeps what its dimensions mean, and cuts channels alone", "[presets]") {
  const Axis batch{Axis::Kind::batch, 89}, time{Axis::Kind::time, 50}, channels{Axis::Kind::channel, 24, 1};
  const auto merged = reshape_axes({batch, time, channels}, {89 * 50, 24});
  REQUIRE(merged);
  CHECK(merged->at(0) == Dimension{batch, time});
  const auto split = reshape_axes({batch, channels}, {89, 3, 1, 8});
  REQUIRE(split);
  CHECK(split->at(1) == Dimension{{Axis::Kind::channel, 3, 8}});
  CHECK(split->at(3) == Dimension{{Axis::Kind::channel, 8, 1}});
  CHECK_FALSE(reshape_axes({batch, time, channels}, {89, 25, 48}));
}

}  // namespace dinghy::converter
