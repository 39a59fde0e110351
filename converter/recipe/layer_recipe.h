// Layers in a recipe, by the names of their tensors: weight, bias, batch norm, activation.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "converter/recipe/recipe_table.h"
#include "converter/recipe/sourced.h"
#include "model_generated.h"

namespace dinghy::converter {

/// How weight matrices lie in the checkpoint: PyTorch's Linear is out_in, Keras' and TensorFlow's Dense is in_out.
enum class WeightLayout { out_in, in_out };

/// Normalization by stored statistics; gamma and beta may be empty. `deviation`, where it is not, is what x - mean is
/// divided by, and stands for the variance with its epsilon.
struct NormRecipe {
  std::string gamma, beta, mean, variance;
  Sourced<double> epsilon = 0.0;
  std::string deviation = {};
  bool operator==(const NormRecipe&) const = default;
};

enum class ActivationWord { identity, relu, leaky_relu, prelu, prelu_position, sigmoid, tanh, silu, dice, row_dice };

struct ActivationRecipe {
  Sourced<ActivationWord> word = {};
  double slope = 0;                     // leaky_relu
  std::string alpha = {};               // prelu, prelu_position, dice, row_dice
  std::optional<NormRecipe> norm = {};  // dice; without it the gate sees x itself
  Sourced<double> epsilon = 0.0;        // row_dice
  bool each_channel = false;            // row_dice: epsilon is added to every channel's square, not to their sum
  bool operator==(const ActivationRecipe&) const = default;
};

struct LayerRecipe {
  std::string weight = {};                          // empty: the activation alone
  std::string bias = {};                            // empty: none
  std::optional<NormRecipe> input_batch_norm = {};  // before the weights
  std::optional<NormRecipe> batch_norm = {};        // behind them, before the activation
  std::optional<ActivationRecipe> activation = {};  // none: x itself, as of a logit
  // What others of its code have and it has not, "a bias" or "batch norm": no tensor tells whether it is lost.
  std::vector<std::string> absent = {};
  bool operator==(const LayerRecipe&) const = default;
};

/// The word of a recipe.
const char* name_of(ActivationWord word);
/// Of a kind without numbers, or of leaky_relu.
ActivationWord word_of(format::ActivationKind kind);

/// The normalization under `key`; nothing when there is none. Throws Error with the line.
std::optional<NormRecipe> read_norm(RecipeTable& parent, const std::string& key);

/// The list of layers under `key`; empty when there is none. Throws Error with the line.
std::vector<LayerRecipe> read_layers(RecipeTable& parent, const std::string& key);

}  // namespace dinghy::converter
