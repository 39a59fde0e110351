// The part of a recipe that describes a whole network by the names of its tensors, for the preset `generic`.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "converter/recipe/history_recipe.h"
#include "converter/recipe/layer_recipe.h"
#include "converter/recipe/recipe_table.h"
#include "model_generated.h"

namespace dinghy::converter {

/// A factor on the attention logits: a number, or 1/sqrt of the key width.
struct ScaleRecipe {
  bool by_key_width = false;
  double value = 1;
};

struct FeatureRecipe {
  std::string where;
  std::string name;
  format::Role role = format::Role::candidate;
  std::string table;          // empty: dense
  bool in_history = false;    // a column of a behaviour history (too)
  std::string history;        // which one; empty: the first
  std::string history_table;  // empty: `table`
  std::optional<std::int64_t> pad_row, pad_id;
  std::uint32_t dense = 0;  // numbers a row
  std::string projection;   // weight of a linear layer behind the numbers or the table; empty: none
  std::string projection_bias;
  std::optional<format::Pooling> bag;
};

struct InterestRecipe {
  std::string where;
  std::string name;
  std::vector<std::string> fields;  // features; q and k are their vectors side by side
  bool pad_query = false;           // a q narrower than k goes on with zeros
  format::Score score = format::Score::mlp;
  std::vector<std::string> parts;  // what the first layer takes, in order: q, k, q-k or k-q, q*k
  std::vector<LayerRecipe> query_layers, layers, post_layers;
  ScaleRecipe scale;
  format::Normalizer normalizer = format::Normalizer::softmax;
  format::Pooling pooling = format::Pooling::sum;
  format::Pads pads = format::Pads::excluded;
  std::uint32_t pad_to = 0;
  std::optional<format::EmptyHistory> empty;
};

/// Parts side by side through layers: the tower, or an MLP of its own before it.
struct TowerPartsRecipe {
  std::string where;
  std::string name;
  std::vector<std::string> inputs;  // "user", "interest", "sum:item", "interest*[item,category]"
  std::vector<LayerRecipe> layers;
};

struct BiasRecipe {
  std::string feature;
  std::string table;
};

struct HeadRecipe {
  std::uint8_t positive_class = 0;
  format::Link link = format::Link::sigmoid;
  double scale = 1, shift = 0, offset = 0;
  std::vector<BiasRecipe> biases;
};

struct NetworkRecipe {
  WeightLayout layout = WeightLayout::out_in;
  std::vector<HistoryRecipe> histories;  // [[history]]; none: the recipe's [history] is the only one
  std::vector<FeatureRecipe> features;
  std::vector<InterestRecipe> interests;
  std::vector<TowerPartsRecipe> mlps;
  TowerPartsRecipe tower;
  HeadRecipe head;
};

/// Reads the keys layout, history (where it is a list), feature, interest, mlp, tower and head of a recipe's root.
NetworkRecipe read_network_recipe(RecipeTable& root);

/// A key that is a number or "1/sqrt(width)".
std::optional<ScaleRecipe> read_scale(RecipeTable& table, const std::string& key);

}  // namespace dinghy::converter
