#include "converter/presets/layers.h"

#include <cmath>

namespace dinghy::converter {
namespace {

Vector finite_values(const TensorClaims& claims, const Tensor& tensor) {
  Vector values = tensor.values();
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (std::isfinite(values[i])) continue;
    claims.fail(tensor.name, "number " + std::to_string(i) + " of " + tensor.shape_text() + " is " +
                                 std::to_string(values[i]) + "; the training went wrong or the file is damaged");
  }
  return values;
}

Vector take_deviation(TensorClaims& claims, const NormRecipe& names, std::size_t width) {
  const bool stored = !names.deviation.empty();
  const std::string& name = stored ? names.deviation : names.variance;
  Vector deviation = take_vector(claims, name, width);
  for (std::size_t i = 0; i < width; ++i) {
    if (!stored && deviation[i] < 0) claims.fail(name, "has a negative variance in channel " + std::to_string(i));
    if (stored && deviation[i] <= 0) claims.fail(name, "has no positive deviation in channel " + std::to_string(i));
    if (!stored) deviation[i] = std::sqrt(deviation[i] + names.epsilon.value);
  }
  return deviation;
}

Vector vector_of(TensorClaims& claims, const std::string& name, const Tensor& tensor, std::size_t size) {
  if (tensor.numel() != size) {
    claims.fail(name, "has the shape " + tensor.shape_text() + "; " + std::to_string(size) +
                          " numbers fit the layer, one per channel");
  }
  return finite_values(claims, tensor);
}

}  // namespace

Vector take_vector(TensorClaims& claims, const std::string& name, std::size_t size) {
  return vector_of(claims, name, claims.take(name), size);
}

Vector take_alpha(TensorClaims& claims, const std::string& name, std::size_t size) {
  const Tensor& tensor = claims.take(name);
  if (tensor.numel() == 1) return Vector(size, finite_values(claims, tensor)[0]);
  return vector_of(claims, name, tensor, size);
}

Matrix take_matrix(TensorClaims& claims, const std::string& name, WeightLayout layout) {
  const Tensor& tensor = claims.take(name);
  if (tensor.shape.size() != 2) {
    claims.fail(name, "has the shape " + tensor.shape_text() + "; a layer's weight has two dimensions");
  }
  Matrix stored;
  stored.rows = static_cast<std::size_t>(tensor.shape[0]);
  stored.cols = static_cast<std::size_t>(tensor.shape[1]);
  stored.values = finite_values(claims, tensor);
  if (layout == WeightLayout::in_out) return stored;
  Matrix turned{stored.cols, stored.rows, Vector(stored.values.size())};
  for (std::size_t in = 0; in < turned.rows; ++in) {
    for (std::size_t out = 0; out < turned.cols; ++out) turned.at(in, out) = stored.at(out, in);
  }
  return turned;
}

Layer take_linear(TensorClaims& claims, const std::string& weight, const std::string& bias, WeightLayout layout,
                  std::size_t inputs, const std::string& what) {
  Layer layer;
  layer.weight = take_matrix(claims, weight, layout);
  if (layer.weight.rows != inputs || layer.weight.cols == 0) {
    claims.fail(weight, "takes " + std::to_string(layer.weight.rows) + " numbers and gives " +
                            std::to_string(layer.weight.cols) + ", but " + what + " has " + std::to_string(inputs));
  }
  if (!bias.empty()) layer.bias = take_vector(claims, bias, layer.weight.cols);
  return layer;
}

Layer identity_layer(std::size_t width) {
  Layer layer;
  layer.weight = {width, width, Vector(width * width, 0.0)};
  for (std::size_t i = 0; i < width; ++i) layer.weight.at(i, i) = 1;
  return layer;
}

std::size_t width_of(const Layer& layer) { return layer.weight.cols; }

Affine take_norm(TensorClaims& claims, const NormRecipe& names, std::size_t width) {
  const Vector gamma = names.gamma.empty() ? Vector(width, 1.0) : take_vector(claims, names.gamma, width);
  const Vector beta = names.beta.empty() ? Vector(width, 0.0) : take_vector(claims, names.beta, width);
  const Vector mean = take_vector(claims, names.mean, width);
  const Vector deviation = take_deviation(claims, names, width);
  Affine norm{Vector(width), Vector(width)};
  for (std::size_t i = 0; i < width; ++i) {
    norm.scale[i] = gamma[i] / deviation[i];
    norm.shift[i] = beta[i] - mean[i] * norm.scale[i];
  }
  return norm;
}

void fold_behind(Layer& layer, const Affine& norm) {
  if (layer.bias.empty()) layer.bias.assign(width_of(layer), 0.0);
  for (std::size_t out = 0; out < width_of(layer); ++out) {
    for (std::size_t in = 0; in < layer.weight.rows; ++in) layer.weight.at(in, out) *= norm.scale[out];
    layer.bias[out] = layer.bias[out] * norm.scale[out] + norm.shift[out];
  }
}

void fold_before(Layer& layer, const Affine& norm) {
  if (layer.bias.empty()) layer.bias.assign(width_of(layer), 0.0);
  for (std::size_t in = 0; in < layer.weight.rows; ++in) {
    for (std::size_t out = 0; out < width_of(layer); ++out) {
      layer.bias[out] += norm.shift[in] * layer.weight.at(in, out);
      layer.weight.at(in, out) *= norm.scale[in];
    }
  }
}

Activation take_dice(TensorClaims& claims, const std::string& alpha, const NormRecipe& norm, std::size_t width) {
  Affine affine = take_norm(claims, norm, width);
  Activation activation;
  activation.kind = format::ActivationKind::gate;
  activation.scale = std::move(affine.scale);
  activation.shift = std::move(affine.shift);
  activation.alpha = take_alpha(claims, alpha, width);
  return activation;
}

Activation take_prelu(TensorClaims& claims, const std::string& alpha, std::size_t width) {
  Activation activation;
  activation.kind = format::ActivationKind::prelu;
  activation.alpha = take_alpha(claims, alpha, width);
  return activation;
}

Activation take_prelu_position(TensorClaims& claims, const std::string& alpha, std::size_t width) {
  const Tensor& tensor = claims.take(alpha);
  if (tensor.shape.size() != 2 || tensor.shape[0] < 1 || tensor.shape[1] != static_cast<std::int64_t>(width)) {
    claims.fail(alpha, "has the shape " + tensor.shape_text() + "; a PReLU by position needs [positions, " +
                           std::to_string(width) + "]");
  }
  Activation activation;
  activation.kind = format::ActivationKind::prelu_position;
  activation.alpha = finite_values(claims, tensor);
  return activation;
}

Activation plain_activation(format::ActivationKind kind) {
  Activation activation;
  activation.kind = kind;
  return activation;
}

Activation silu(std::size_t width) {
  Activation activation = plain_activation(format::ActivationKind::gate);
  activation.scale.assign(width, 1.0);
  activation.shift.assign(width, 0.0);
  activation.alpha.assign(width, 0.0);
  return activation;
}

}  // namespace dinghy::converter
