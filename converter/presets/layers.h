// Building blocks of presets: tensors of a checkpoint as layers of a network, batch norm folded, Dice as a gate.
#pragma once

#include <string>

#include "converter/network.h"
#include "converter/presets/tensor_claims.h"
#include "converter/recipe/layer_recipe.h"

namespace dinghy::converter {

/// All numbers of a tensor as a vector of `size`. Any shape counts ([H, 1] is common). Throws Error for another count,
/// naming the tensor.
Vector take_vector(TensorClaims& claims, const std::string& name, std::size_t size);

/// The same for the alphas of PReLU and Dice, of which one number may stand for all channels.
Vector take_alpha(TensorClaims& claims, const std::string& name, std::size_t size);

/// A weight matrix as [in][out]. Throws Error unless the tensor has two dimensions.
Matrix take_matrix(TensorClaims& claims, const std::string& name, WeightLayout layout);

/// A linear layer without activation; an empty `bias` is none. `inputs`: the width that the network has here; throws
/// Error when the weight takes another. `what` names the inputs in that error.
Layer take_linear(TensorClaims& claims, const std::string& weight, const std::string& bias, WeightLayout layout,
                  std::size_t inputs, const std::string& what);

/// y = x
Layer identity_layer(std::size_t width);

std::size_t width_of(const Layer& layer);

/// x * scale + shift per channel.
struct Affine {
  Vector scale, shift;
};

/// Normalization by stored statistics: scale = gamma / sqrt(variance + epsilon), shift = beta - mean * scale. Empty
/// names for gamma and beta mean 1 and 0. Throws Error for a negative variance, and for a deviation that is not
/// positive.
Affine take_norm(TensorClaims& claims, const NormRecipe& names, std::size_t width);

/// Makes `layer` compute norm(x * weight + bias), or norm(x) * weight + bias.
void fold_behind(Layer& layer, const Affine& norm);
void fold_before(Layer& layer, const Affine& norm);

/// Dice: x * (p + alpha * (1 - p)) with p = sigmoid(norm(x)).
Activation take_dice(TensorClaims& claims, const std::string& alpha, const NormRecipe& norm, std::size_t width);
Activation take_prelu(TensorClaims& claims, const std::string& alpha, std::size_t width);
/// PReLU with an alpha of its own for each position of a padded history: a tensor of [positions, width].
Activation take_prelu_position(TensorClaims& claims, const std::string& alpha, std::size_t width);
Activation plain_activation(format::ActivationKind kind);
/// x * sigmoid(x): a gate with alpha 0 that sees x itself.
Activation silu(std::size_t width);

}  // namespace dinghy::converter
