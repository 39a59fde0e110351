// A recipe: what a checkpoint does not say about itself. docs/recipes.md is its manual.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "converter/recipe/history_recipe.h"
#include "converter/recipe/network_recipe.h"
#include "model_generated.h"
#include "schema/row.h"

namespace dinghy::converter {

/// `[inputs]`: features by role, named as the preset names them.
struct InputsRecipe {
  std::optional<std::vector<std::string>> user, context, candidate, history;
  std::optional<std::vector<std::string>> dense;  // the order of dense features, "name" or "name:width"
  std::optional<std::vector<std::string>> order;  // that of the others, for codes whose files have lost it
};

/// `[attention]`, `[tower]`, `[epsilon]`: what presets assume unless told.
struct AttentionRecipe {
  std::optional<bool> softmax;
  std::optional<ScaleRecipe> scale;
  std::optional<format::ActivationKind> activation;  // of layers for which the checkpoint has no tensors that tell
};

struct TowerRecipe {
  std::optional<format::ActivationKind> activation;
};

struct EpsilonRecipe {
  std::optional<double> dice, batch_norm;
};

/// `[ids.FEATURE]`
struct IdsRecipe {
  std::string where;
  std::optional<std::int64_t> first;
  std::optional<format::MissingId> missing;
  std::optional<std::uint64_t> row;
  std::string vocabulary;  // path of a file of raw ids, relative ones beside the recipe; empty: none
  std::optional<format::IdHash> hash;
  std::optional<std::uint64_t> buckets;  // of the hash; none: the rows of the table
};

struct Recipe {
  std::string path;  // empty: there is no recipe
  std::string text;
  std::string preset;  // empty: to be found by the tensors' names
  InputsRecipe inputs;
  std::map<std::string, std::string> rename;  // the preset's name of a feature -> its name in requests
  AttentionRecipe attention;
  TowerRecipe tower;
  EpsilonRecipe epsilon;
  std::optional<format::Link> link;               // [head]: what the tensors do not tell of the score
  HistoryRecipe history;                          // [history]
  std::map<std::string, IdsRecipe> ids;           // by the preset's name of the feature
  std::map<std::string, std::string> ignore;      // tensor -> reason
  std::map<std::string, format::RowForm> packed;  // tensor -> what its bytes are: i8, i8_half or i4
  std::optional<NetworkRecipe> network;           // preset generic: the whole network, tensor by tensor
  std::string weights;                            // which of the file's weights of one network; empty: not said

  /// For errors: the recipe's path, or a hint that one is needed.
  std::string where() const { return path.empty() ? "recipe (give one with --recipe)" : path; }
};

/// Throws Error with the line for unknown keys, values of a wrong type and words that mean nothing.
Recipe read_recipe(const std::string& path);
/// The same from a text; `path` stands for it in errors.
Recipe parse_recipe(const std::string& text, const std::string& path);

}  // namespace dinghy::converter
