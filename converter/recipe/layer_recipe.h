// Layers in a recipe, by the names of their tensors: weight, bias, batch norm, activation.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "converter/recipe/recipe_table.h"

namespace dinghy::converter {

/// How weight matrices lie in the checkpoint: PyTorch's Linear is out_in, Keras' and TensorFlow's Dense is in_out.
enum class WeightLayout { out_in, in_out };

/// Normalization by stored statistics; gamma and beta may be empty. `deviation`, where it is not, is what x - mean is
/// divided by, and stands for the variance with its epsilon.
struct NormRecipe {
  std::string gamma, beta, mean, variance;
  double epsilon = 0;
  std::string deviation = {};
};

enum class ActivationWord { identity, relu, leaky_relu, prelu, prelu_position, sigmoid, tanh, silu, dice, row_dice };

struct ActivationRecipe {
  ActivationWord word = ActivationWord::identity;
  double slope = 0;                // leaky_relu
  std::string alpha;               // prelu, prelu_position, dice, row_dice
  std::optional<NormRecipe> norm;  // dice; without it the gate sees x itself
  double epsilon = 0;              // row_dice
};

struct LayerRecipe {
  std::string weight;
  std::string bias;                            // empty: none
  std::optional<NormRecipe> input_batch_norm;  // before the weights
  std::optional<NormRecipe> batch_norm;        // behind them, before the activation
  ActivationRecipe activation;
};

/// The list of layers under `key`; empty when there is none. Throws Error with the line.
std::vector<LayerRecipe> read_layers(RecipeTable& parent, const std::string& key);

}  // namespace dinghy::converter
