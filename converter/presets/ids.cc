#include "converter/presets/ids.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "converter/error.h"
#include "converter/presets/vocabulary_file.h"
#include "converter/text/quotes.h"

namespace dinghy::converter {
namespace {

std::uint64_t rows_of(const Table& table) { return static_cast<std::uint64_t>(table.source.shape[0]); }

std::string last_row(const Table& table) { return std::to_string(rows_of(table) - 1); }

// Tables of one feature have equal vocabularies: for candidates, for the history, for a bias.
int find_or_add(Network& network, Vocabulary vocabulary) {
  const auto same = std::ranges::find_if(network.vocabularies, [&](const Vocabulary& other) {
    return other.int64_rows == vocabulary.int64_rows && other.string_rows == vocabulary.string_rows;
  });
  const auto index = static_cast<int>(same - network.vocabularies.begin());
  if (same == network.vocabularies.end()) network.vocabularies.push_back(std::move(vocabulary));
  return index;
}

std::optional<std::int64_t> whole_number(const std::string& text) {
  std::int64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || stop != end || std::to_string(number) != text) return std::nullopt;
  return number;
}

template <class Rows>
void require_rows(const Rows& rows, const Table& table, const std::string& where) {
  for (const auto& [key, row] : rows) {
    if (row < rows_of(table)) continue;
    throw Error(where, "a vocabulary gives row " + std::to_string(row) + ", the table of " + in_quotes(table.name) +
                           " has only rows 0 to " + last_row(table));
  }
}

void apply_hash(const IdsRecipe& ids, Table& table) {
  table.hash = *ids.hash;
  table.hash_buckets = ids.buckets.value_or(rows_of(table));
  // The row of a hash is below the buckets; with more of them than rows most ids would have none.
  if (table.hash_buckets > rows_of(table)) {
    throw Error(ids.where, "\"buckets\" is " + std::to_string(table.hash_buckets) + ", but the table of " +
                               in_quotes(table.name) + " has only " + std::to_string(rows_of(table)) + " rows");
  }
  if (table.hash == format::IdHash::farmhash64_decimal_keep_zero && table.hash_buckets < 2) {
    throw Error(ids.where, "a hash that keeps 0 needs two buckets or more");
  }
}

}  // namespace

void apply_ids(Conversion& conversion, Table& table, const std::string& feature) {
  const auto found = conversion.recipe.ids.find(feature);
  if (found == conversion.recipe.ids.end()) return;
  const IdsRecipe& ids = found->second;
  if (ids.row && *ids.row >= rows_of(table)) {
    throw Error(ids.where, "the table of " + in_quotes(feature) + " has no row " + std::to_string(*ids.row) +
                               ", only rows 0 to " + last_row(table));
  }
  table.first_id = ids.first.value_or(0);
  table.missing = ids.missing.value_or(table.missing);
  table.missing_row = ids.row.value_or(0);
  if (ids.hash) apply_hash(ids, table);
  if (ids.vocabulary.empty()) return;
  table.vocabulary =
      find_or_add(conversion.network, read_vocabulary_file(ids.vocabulary, rows_of(table), in_quotes(feature)));
}

Vocabulary vocabulary_of(std::string name, std::vector<std::pair<std::string, std::uint64_t>> ids) {
  Vocabulary vocabulary;
  vocabulary.name = std::move(name);
  for (const auto& [id, row] : ids) {
    const std::optional<std::int64_t> number = whole_number(id);
    if (!number) {
      vocabulary.int64_rows.clear();
      vocabulary.string_rows = std::move(ids);
      return vocabulary;
    }
    vocabulary.int64_rows.emplace_back(*number, row);
  }
  return vocabulary;
}

void use_vocabulary(Conversion& conversion, int table_index, const std::string& feature, Vocabulary vocabulary) {
  const auto ids = conversion.recipe.ids.find(feature);
  if (ids != conversion.recipe.ids.end()) {
    const IdsRecipe& said = ids->second;
    if (said.first || said.hash || !said.vocabulary.empty()) return;
    if (said.missing == format::MissingId::clamp) {
      throw Error(said.where,
                  "a table with a vocabulary has no nearest row; use missing = \"fail\", \"zero\" or \"row\"");
    }
  }
  Table& table = conversion.network.tables.at(static_cast<std::size_t>(table_index));
  require_rows(vocabulary.int64_rows, table, vocabulary.name);
  require_rows(vocabulary.string_rows, table, vocabulary.name);
  table.vocabulary = find_or_add(conversion.network, std::move(vocabulary));
}

void use_found_ids(Conversion& conversion, int table_index, const std::string& feature, const FoundIds& ids) {
  use_vocabulary(conversion, table_index, feature, ids.vocabulary);
  Table& table = conversion.network.tables.at(static_cast<std::size_t>(table_index));
  const auto said = conversion.recipe.ids.find(feature);
  const bool row_by_recipe = said != conversion.recipe.ids.end() && said->second.row;
  if (!ids.other_row || table.missing != format::MissingId::row || row_by_recipe) return;
  if (*ids.other_row >= rows_of(table)) {
    throw Error(conversion.checkpoint.path, "the ids of " + in_quotes(feature) + " have row " +
                                                std::to_string(*ids.other_row) + " for all others, but its table has " +
                                                "only rows 0 to " + last_row(table));
  }
  table.missing_row = *ids.other_row;
}

}  // namespace dinghy::converter
