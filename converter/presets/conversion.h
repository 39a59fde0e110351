// What a preset works on: the checkpoint and the recipe go in, the network and what was found out come out.
#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "converter/calibration/batch_norm.h"
#include "converter/network.h"
#include "converter/presets/input_use.h"
#include "converter/presets/tensor_claims.h"
#include "converter/recipe/recipe.h"
#include "converter/recipe/sourced.h"

namespace dinghy::converter {

/// How a recipe says a finding: "softmax = true" in the section "attention"; "" is the recipe's beginning.
struct RecipeLine {
  std::string section, line;

  /// "[attention] softmax = true"
  std::string text() const { return section.empty() ? line : "[" + section + "] " + line; }
};

struct Finding {
  std::string subject;  // "attention weights"
  std::string value;    // "softmax"
  Certainty certainty;
  std::optional<RecipeLine> recipe_line;  // none where no recipe can say otherwise
};

/// The ids of a table that a preset found, in the checkpoint or beside it.
struct FoundIds {
  Vocabulary vocabulary;
  std::optional<std::uint64_t> other_row;  // of an id that is not in it; none: such an id is an error

  bool operator==(const FoundIds& other) const {
    return vocabulary.int64_rows == other.vocabulary.int64_rows &&
           vocabulary.string_rows == other.vocabulary.string_rows && other_row == other.other_row;
  }
};

class Conversion {
 public:
  Conversion(const Checkpoint& the_checkpoint, const Recipe& the_recipe)
      : checkpoint(the_checkpoint), recipe(the_recipe), claims(the_checkpoint) {}

  /// `line`: the line of a recipe that says the same, for everything that decide() lets a recipe decide.
  void found(std::string subject, std::string value, Certainty certainty, std::optional<RecipeLine> line = {}) {
    findings.push_back({std::move(subject), std::move(value), certainty, std::move(line)});
  }

  /// Whether a finding has a line of a recipe for this key.
  bool says(const std::string& section, const std::string& key) const {
    return std::ranges::any_of(findings, [&](const Finding& finding) {
      return finding.recipe_line && finding.recipe_line->section == section &&
             finding.recipe_line->line.starts_with(key + " = ");
    });
  }

  /// The recipe's value, else `otherwise` with the certainty that it has.
  template <class Value>
  std::pair<Value, Certainty> decide(const std::optional<Value>& by_recipe, Value otherwise,
                                     Certainty certainty) const {
    return by_recipe ? std::pair(*by_recipe, Certainty::recipe) : std::pair(otherwise, certainty);
  }

  const Checkpoint& checkpoint;
  const Recipe& recipe;
  TensorClaims claims;
  Network network;
  std::optional<NetworkRecipe> description;   // where the preset describes its network, with what the recipe says
  std::map<std::string, FoundIds> found_ids;  // of the description's tables; [ids] comes first
  std::vector<Finding> findings;
  std::vector<BatchNorm> batch_norms;  // of the tower; a model can be written when calibrate() has frozen them
  std::vector<InputUse> input_uses;    // of a graph
};

}  // namespace dinghy::converter
