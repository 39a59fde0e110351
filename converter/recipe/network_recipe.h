// A whole network by the names of its tensors: a recipe for the preset `generic` says it, other presets describe
// theirs.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "converter/recipe/history_recipe.h"
#include "converter/recipe/layer_recipe.h"
#include "converter/recipe/recipe_table.h"
#include "converter/recipe/sourced.h"
#include "converter/recipe/tower_input.h"
#include "model_generated.h"

namespace dinghy::converter {

/// A factor on the attention logits: a number, or 1/sqrt of the key width.
struct ScaleRecipe {
  bool by_key_width = false;
  double value = 1;
  bool operator==(const ScaleRecipe&) const = default;
};

/// A behaviour history.
struct SequenceRecipe {
  std::string name = "history";
  Sourced<std::uint32_t> max_length = {0, Certainty::assumed};  // 0: no limit
  Sourced<format::Keep> keep = {format::Keep::last, Certainty::assumed};
  Sourced<format::Mask> mask = {format::Mask::length, Certainty::preset};
  Sourced<format::PadSide> pad_side = {format::PadSide::right, Certainty::preset};
  bool operator==(const SequenceRecipe&) const = default;
};

/// Rows under a name of their own: a tensor, some rows of it, or rows of several tables side by side or added; then
/// through layers. Where several features share a tensor it has the rows of one behind another's. Tables lie in the
/// model in the order of this list, before those that features name by tensor.
struct TableRecipe {
  RecipePlace where = {};
  std::string name = {};
  std::string tensor = {};
  std::int64_t first_row = 0;
  std::int64_t rows = 0;                 // 0: all from first_row on
  std::int64_t zeros_from = 0;           // rows from here on count as zeros; 0: none does
  std::vector<std::string> beside = {};  // tensors, or tables before this one
  std::vector<std::string> sum = {};     // likewise
  std::vector<LayerRecipe> layers = {};
  bool operator==(const TableRecipe&) const = default;
};

struct FeatureRecipe {
  RecipePlace where = {};
  std::string name = {};
  Sourced<format::Role> role = format::Role::candidate;
  std::string table = {};            // a tensor or a [[table]]; empty: dense
  Sourced<bool> in_history = false;  // a column of a behaviour history (too)
  std::string history = {};          // which one; empty: the first
  std::string history_table = {};    // empty: `table`
  Sourced<std::int64_t> pad_row = {0, Certainty::assumed};
  std::int64_t pad_id = 0;
  std::uint32_t dense = 0;      // numbers a row
  std::string projection = {};  // weight of a linear layer behind the numbers or the table; empty: none
  std::string projection_bias = {};
  std::optional<NormRecipe> batch_norm =
      {};  // of numbers; features that name the same have its channels in their order
  std::optional<format::Pooling> bag = {};
  bool operator==(const FeatureRecipe&) const = default;
};

struct InterestRecipe {
  RecipePlace where = {};
  std::string name = "interest";
  std::vector<FieldRecipe> fields = {};  // q and k are their vectors side by side
  bool pad_query = false;                // a q narrower than k goes on with zeros
  format::Score score = format::Score::mlp;
  std::vector<std::string> parts = {};  // what the first layer takes, in order: q, k, q-k or k-q, q*k
  std::vector<LayerRecipe> query_layers = {}, layers = {}, post_layers = {};
  Sourced<ScaleRecipe> scale = {};
  Sourced<format::Normalizer> normalizer = format::Normalizer::softmax;
  format::Pooling pooling = format::Pooling::sum;
  Sourced<format::Pads> pads = format::Pads::excluded;
  std::uint32_t pad_to = 0;  // 0 where padding takes part: to the longest history
  /// None: the row of padding where the weights are a softmax, else zero.
  Sourced<std::optional<format::EmptyHistory>> empty = {std::nullopt, Certainty::assumed};
  bool operator==(const InterestRecipe&) const = default;
};

/// Vectors side by side through layers: the tower, or an MLP of its own before it.
struct TowerPartsRecipe {
  RecipePlace where = {};
  std::string name = {};
  bool is_tower = true;  // what a recipe says in [tower] is said of its layers
  std::vector<TowerInput> inputs = {};
  std::vector<LayerRecipe> layers = {};
  bool operator==(const TowerPartsRecipe&) const = default;
};

struct BiasRecipe {
  std::string feature;
  std::string table;
  bool operator==(const BiasRecipe&) const = default;
};

struct HeadRecipe {
  std::uint8_t positive_class = 0;
  Sourced<format::Link> link = format::Link::sigmoid;
  double scale = 1, shift = 0, offset = 0;
  std::vector<BiasRecipe> biases = {};
  bool operator==(const HeadRecipe&) const = default;
};

struct NetworkRecipe {
  WeightLayout layout = WeightLayout::out_in;
  std::vector<SequenceRecipe> histories = {SequenceRecipe{}};
  std::vector<TableRecipe> tables = {};
  std::vector<FeatureRecipe> features = {};
  std::vector<InterestRecipe> interests = {};
  std::vector<TowerPartsRecipe> mlps = {};
  TowerPartsRecipe tower = {};
  HeadRecipe head = {};
  bool operator==(const NetworkRecipe&) const = default;
};

/// The history of an interest; nullptr where none is described as such.
const SequenceRecipe* history_of(const NetworkRecipe& network, const InterestRecipe& interest);

/// Reads the keys layout, history, table, feature, interest, mlp, tower and head of a recipe's root.
NetworkRecipe read_network_recipe(RecipeTable& root);

/// Takes what a recipe says of a history.
void override_history(SequenceRecipe& history, const HistoryRecipe& said);
/// The same of all histories, with their padding and what a user without behaviours gets.
void override_history(NetworkRecipe& network, const HistoryRecipe& said);

/// A key that is a number or "1/sqrt(width)".
std::optional<ScaleRecipe> read_scale(RecipeTable& table, const std::string& key);

}  // namespace dinghy::converter
