// The part of a recipe that describes a whole network by the names of its tensors, for the preset `generic`.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "converter/recipe/recipe_table.h"
#include "model_generated.h"

namespace dinghy::converter {

/// A factor on the attention logits: a number, or 1/sqrt of the key width.
struct ScaleRecipe {
  bool by_key_width = false;
  double value = 1;
};

/// How weight matrices lie in the checkpoint: PyTorch's Linear is out_in, Keras' and TensorFlow's Dense is in_out.
enum class WeightLayout { out_in, in_out };

/// Normalization by stored statistics; gamma and beta may be empty.
struct NormRecipe {
  std::string gamma, beta, mean, variance;
  double epsilon = 0;
};

enum class ActivationWord { identity, relu, leaky_relu, prelu, sigmoid, tanh, silu, dice, row_dice };

struct ActivationRecipe {
  ActivationWord word = ActivationWord::identity;
  double slope = 0;                // leaky_relu
  std::string alpha;               // prelu, dice, row_dice
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

struct FeatureRecipe {
  std::string where;
  std::string name;
  format::Role role = format::Role::candidate;
  std::string table;          // empty: dense
  bool history = false;       // a column of the behaviour history too
  std::string history_table;  // empty: `table`
  std::uint32_t dense = 0;    // numbers a row
  std::string projection;     // dense: weight of a linear layer; empty: the numbers are the vector
  std::string projection_bias;
  std::optional<format::Pooling> bag;
};

struct InterestRecipe {
  std::string where;
  std::string name;
  std::vector<std::string> fields;  // features; q and k are their vectors side by side
  std::vector<std::string> parts;   // what the first layer takes, in order: q, k, q-k or k-q, q*k
  std::vector<LayerRecipe> query_layers, layers, post_layers;
  ScaleRecipe scale;
  format::Normalizer normalizer = format::Normalizer::softmax;
  format::Pooling pooling = format::Pooling::sum;
};

struct HeadRecipe {
  std::uint8_t positive_class = 0;
  format::Link link = format::Link::sigmoid;
};

struct NetworkRecipe {
  WeightLayout layout = WeightLayout::out_in;
  std::vector<FeatureRecipe> features;
  std::vector<InterestRecipe> interests;
  std::string tower_where;
  std::vector<std::string> tower_inputs;  // "user", "interest", "sum:item", "interest*[item,category]"
  std::vector<LayerRecipe> tower_layers;
  HeadRecipe head;
};

/// Reads the keys layout, feature, interest, tower and head of a recipe's root.
NetworkRecipe read_network_recipe(RecipeTable& root);

/// A key that is a number or "1/sqrt(width)".
std::optional<ScaleRecipe> read_scale(RecipeTable& table, const std::string& key);

}  // namespace dinghy::converter
