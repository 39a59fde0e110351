#include "converter/presets/layers.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <cmath>
#include <limits>

#include "converter/error.h"
#include "tests/converter/memory_tensor.h"

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::MessageMatches;
using Catch::Matchers::WithinAbs;

namespace dinghy::converter {
namespace {

double apply(const Layer& layer, const Vector& x, std::size_t out) {
  double sum = layer.bias.empty() ? 0 : layer.bias[out];
  for (std::size_t in = 0; in < x.size(); ++in) sum += x[in] * layer.weight.at(in, out);
  return sum;
}

const NormRecipe kNorm = {"gamma", "beta", "mean", "variance", 0.25};

Tensor numbers(const std::string& name, const std::vector<float>& values) {
  return memory_tensor(name, {static_cast<std::int64_t>(values.size())}, values);
}

}  // namespace

TEST_CASE("A weight of PyTorch and the same weight of Keras become one layer", "[presets]") {
  const Checkpoint checkpoint = memory_checkpoint(
      {memory_tensor("torch", {3, 2}, {1, 2, 3, 4, 5, 6}), memory_tensor("keras", {2, 3}, {1, 3, 5, 2, 4, 6})});
  TensorClaims claims(checkpoint);
  const Matrix torch = take_matrix(claims, "torch", WeightLayout::out_in);
  const Matrix keras = take_matrix(claims, "keras", WeightLayout::in_out);
  CHECK(torch.rows == 2);
  CHECK(torch.cols == 3);
  CHECK(torch.values == keras.values);
}

TEST_CASE("One number stands for all channels of an alpha, and for no bias and no statistic", "[presets]") {
  const Checkpoint checkpoint = memory_checkpoint(
      {numbers("alpha", {0.25}), numbers("bias", {0.5}), memory_tensor("weight", {3, 2}, {1, 2, 3, 4, 5, 6}),
       numbers("gamma", {2, -1}), numbers("beta", {0.5, 3}), numbers("mean", {1}), numbers("variance", {0.75, 3.75})});
  TensorClaims claims(checkpoint);
  CHECK(take_alpha(claims, "alpha", 3) == Vector(3, 0.25));
  CHECK_THROWS_MATCHES(take_linear(claims, "weight", "bias", WeightLayout::out_in, 2, "its input"), Error,
                       MessageMatches(ContainsSubstring("bias: has the shape [1]; 3 numbers fit the layer")));
  CHECK_THROWS_MATCHES(take_norm(claims, kNorm, 2), Error,
                       MessageMatches(ContainsSubstring("mean: has the shape [1]; 2 numbers fit the layer")));
}

TEST_CASE("Batch norm folded into a layer gives what it gave behind the layer, or before it", "[presets]") {
  const Checkpoint checkpoint = memory_checkpoint({numbers("gamma", {2, -1}), numbers("beta", {0.5, 3}),
                                                   numbers("mean", {1, -2}), numbers("variance", {0.75, 3.75})});
  TensorClaims claims(checkpoint);
  const Affine norm = take_norm(claims, kNorm, 2);
  CHECK_THAT(norm.scale[0], WithinAbs(2.0, 1e-12));
  CHECK_THAT(norm.scale[1], WithinAbs(-0.5, 1e-12));
  CHECK_THAT(norm.shift[0], WithinAbs(-1.5, 1e-12));
  CHECK_THAT(norm.shift[1], WithinAbs(2.0, 1e-12));

  const Layer plain{Matrix{2, 2, {1, 2, 3, 4}}, {10, 20}, {}};
  const Vector x = {0.25, -4};
  Layer behind = plain;
  fold_behind(behind, norm);
  Layer before = plain;
  fold_before(before, norm);
  const Vector normed = {x[0] * norm.scale[0] + norm.shift[0], x[1] * norm.scale[1] + norm.shift[1]};
  for (std::size_t out = 0; out < 2; ++out) {
    CHECK_THAT(apply(behind, x, out), WithinAbs(apply(plain, x, out) * norm.scale[out] + norm.shift[out], 1e-12));
    CHECK_THAT(apply(before, x, out), WithinAbs(apply(plain, normed, out), 1e-12));
  }
}

TEST_CASE("Batch norm folds into a layer without a bias too", "[presets]") {
  const Affine norm{{2}, {3}};
  Layer layer{Matrix{1, 1, {5}}, {}, {}};
  fold_behind(layer, norm);
  CHECK(layer.weight.values == Vector{10});
  CHECK(layer.bias == Vector{3});
}

TEST_CASE("Dice becomes a gate of three vectors", "[presets]") {
  const Checkpoint checkpoint =
      memory_checkpoint({numbers("alpha", {0.5, -1}), numbers("mean", {1, 2}), numbers("variance", {0, 3})});
  TensorClaims claims(checkpoint);
  const Activation dice = take_dice(claims, "alpha", {"", "", "mean", "variance", 1}, 2);
  CHECK(dice.kind == format::ActivationKind::gate);
  CHECK(dice.alpha == Vector{0.5, -1});
  CHECK(dice.scale == Vector{1, 0.5});
  CHECK(dice.shift == Vector{-1, -1});
}

TEST_CASE("Trap 6: an alpha is one number per channel in whatever shape, or one number for all of them", "[presets]") {
  const Checkpoint checkpoint = memory_checkpoint(
      {memory_tensor("row", {1, 3}, {1, 2, 3}), memory_tensor("column", {3, 1}, {1, 2, 3}),
       memory_tensor("scalar", {}, {0.25}), memory_tensor("one", {1}, {0.5}), memory_tensor("two", {2}, {1, 2}),
       numbers("mean", {0, 0, 0}), numbers("variance", {1, 1, 1})});
  TensorClaims claims(checkpoint);
  CHECK(take_prelu(claims, "row", 3).alpha == Vector{1, 2, 3});
  CHECK(take_dice(claims, "column", {"", "", "mean", "variance", 0}, 3).alpha == Vector{1, 2, 3});
  CHECK(take_prelu(claims, "scalar", 3).alpha == Vector{0.25, 0.25, 0.25});
  CHECK(take_prelu(claims, "one", 3).alpha == Vector{0.5, 0.5, 0.5});
  CHECK_THROWS_AS(take_prelu(claims, "two", 3), Error);
}

TEST_CASE("Trap 37: a stored deviation divides as it is, without a root and without an epsilon", "[presets]") {
  const Checkpoint checkpoint = memory_checkpoint(
      {numbers("alpha", {0, 0}), numbers("mean", {1, 2}), numbers("deviation", {4, 0.25}), numbers("zero", {0, 1})});
  TensorClaims claims(checkpoint);
  const Activation dice = take_dice(claims, "alpha", {"", "", "mean", "", 0, "deviation"}, 2);
  CHECK(dice.scale == Vector{0.25, 4});
  CHECK(dice.shift == Vector{-0.25, -8});
  TensorClaims others(checkpoint);
  CHECK_THROWS_MATCHES(take_norm(others, {"", "", "mean", "", 0, "zero"}, 2), Error,
                       MessageMatches(ContainsSubstring("no positive deviation in channel 0")));
}

TEST_CASE("A tensor of the wrong shape is an error that names file, tensor and shape", "[presets]") {
  const Checkpoint checkpoint =
      memory_checkpoint({memory_tensor("weight", {3, 2}, {1, 2, 3, 4, 5, 6}), memory_tensor("bias", {2}, {1, 2}),
                         memory_tensor("cube", {1, 2, 1}, {1, 2})});
  TensorClaims claims(checkpoint);
  CHECK_THROWS_MATCHES(take_linear(claims, "weight", "", WeightLayout::out_in, 5, "the query"), Error,
                       MessageMatches(ContainsSubstring("model.npz: weight: takes 2 numbers and gives 3, but the query "
                                                        "has 5")));
  CHECK_THROWS_MATCHES(take_vector(claims, "bias", 3), Error,
                       MessageMatches(ContainsSubstring("model.npz: bias: has the shape [2]; 3 numbers fit")));
  CHECK_THROWS_MATCHES(take_matrix(claims, "cube", WeightLayout::in_out), Error,
                       MessageMatches(ContainsSubstring("two dimensions")));
}

TEST_CASE("A number that is not finite is an error that names the tensor and the place", "[presets]") {
  const float infinity = std::numeric_limits<float>::infinity();
  const Checkpoint checkpoint =
      memory_checkpoint({memory_tensor("weight", {2, 2}, {1, 2, std::nanf(""), 4}), numbers("bias", {1, infinity})});
  TensorClaims claims(checkpoint);
  CHECK_THROWS_MATCHES(take_matrix(claims, "weight", WeightLayout::in_out), Error,
                       MessageMatches(ContainsSubstring("model.npz: weight: number 2 of [2, 2] is nan")));
  CHECK_THROWS_MATCHES(take_vector(claims, "bias", 2), Error,
                       MessageMatches(ContainsSubstring("number 1 of [2] is inf")));
}

TEST_CASE("A negative variance is an error", "[presets]") {
  const Checkpoint checkpoint = memory_checkpoint({numbers("mean", {0}), numbers("variance", {-1})});
  TensorClaims claims(checkpoint);
  CHECK_THROWS_MATCHES(take_norm(claims, {"", "", "mean", "variance", 1e-5}, 1), Error,
                       MessageMatches(ContainsSubstring("negative variance in channel 0")));
}

}  // namespace dinghy::converter
