// A behaviour history in a recipe: [history], or one of several [[history]].
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "converter/recipe/recipe_table.h"
#include "model_generated.h"

namespace dinghy::converter {

struct HistoryRecipe {
  std::string name = "history";
  std::optional<std::uint32_t> max_length;
  std::optional<format::Keep> keep;
  std::optional<format::Mask> mask;
  std::optional<format::PadSide> pad_side;
  std::optional<format::EmptyHistory> empty;  // [history] only; of several histories their interests say it
  std::optional<std::int64_t> pad_row;        // likewise, their features
};

/// All keys of the table. `is_listed`: one of several, with a "name" and without "empty" and "pad_row". Throws Error
/// with the line.
HistoryRecipe read_history(RecipeTable table, bool is_listed);

/// A count of behaviours, from 1 to the longest history that a model file can state.
std::optional<std::uint32_t> read_length(RecipeTable& table, const std::string& key);
/// "empty": what a user without behaviours gets.
std::optional<format::EmptyHistory> read_empty(RecipeTable& table);
/// "pad_row": a row, or -1 for zeros.
std::optional<std::int64_t> read_pad_row(RecipeTable& table);

}  // namespace dinghy::converter
