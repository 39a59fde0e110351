#include "converter/recipe/history_recipe.h"

#include "converter/error.h"
#include "converter/text/quotes.h"

namespace dinghy::converter {

HistoryRecipe read_history(RecipeTable table, bool is_listed) {
  HistoryRecipe history;
  if (is_listed) history.name = table.required_text("name");
  history.max_length = read_length(table, "max_length");
  history.keep = table.choice<format::Keep>("keep", {{"last", format::Keep::last}, {"first", format::Keep::first}});
  history.mask = table.choice<format::Mask>("mask", {{"length", format::Mask::length},
                                                     {"all_ids", format::Mask::all_ids},
                                                     {"first_id", format::Mask::first_id},
                                                     {"every_id", format::Mask::every_id}});
  history.pad_side =
      table.choice<format::PadSide>("pad_side", {{"right", format::PadSide::right}, {"left", format::PadSide::left}});
  if (!is_listed) {
    history.empty = read_empty(table);
    history.pad_row = read_pad_row(table);
  }
  table.require_no_other_keys();
  return history;
}

std::optional<std::uint32_t> read_length(RecipeTable& table, const std::string& key) {
  const std::optional<std::int64_t> length = table.integer(key);
  if (!length) return std::nullopt;
  // The engine's bound on the length of a history.
  if (*length < 1 || *length > 65536) {
    throw Error(table.where(key), in_quotes(key) + " has to be from 1 to 65536 behaviours");
  }
  return static_cast<std::uint32_t>(*length);
}

std::optional<format::EmptyHistory> read_empty(RecipeTable& table) {
  return table.choice<format::EmptyHistory>("empty", {{"zero", format::EmptyHistory::zero},
                                                      {"pad_row", format::EmptyHistory::pad_row},
                                                      {"reject", format::EmptyHistory::reject}});
}

std::optional<std::int64_t> read_pad_row(RecipeTable& table) {
  const std::optional<std::int64_t> row = table.integer("pad_row");
  if (row.value_or(0) < -1) throw Error(table.where("pad_row"), "\"pad_row\" has to be a row, or -1 for zeros");
  return row;
}

}  // namespace dinghy::converter
