#include "converter/presets/described_tables.h"

#include <algorithm>

#include "converter/block_matrix.h"
#include "converter/error.h"
#include "converter/presets/computed_table.h"
#include "converter/presets/features.h"
#include "converter/presets/recipe_layers.h"
#include "converter/text/quotes.h"

namespace dinghy::converter {
namespace {

std::string name_of(const TableRecipe& table) { return "[[table]] " + table.name; }

// Adding or joining takes the row of the same number from each.
void require_as_many(const TableRecipe& table, const Tensor& rows, const Tensor& first) {
  if (rows.shape[0] == first.shape[0]) return;
  throw Error(table.where.text, in_quotes(table.name) + " is made of " + in_quotes(first.name) + " with " +
                                    std::to_string(first.shape[0]) + " rows and " + in_quotes(rows.name) + " with " +
                                    std::to_string(rows.shape[0]));
}

}  // namespace

const Tensor& DescribedTables::rows(const std::string& name) { return rows_before(name, description_.tables.size()); }

const Tensor& DescribedTables::rows_before(const std::string& name, std::size_t end) {
  const auto begin = description_.tables.begin();
  const auto last = begin + static_cast<std::ptrdiff_t>(end);
  const auto table = std::find_if(begin, last, [&](const TableRecipe& other) { return other.name == name; });
  if (table == last) {
    const auto [known, is_new] = tensors_.try_emplace(name);
    if (is_new) known->second = &take_rows(claims_, name);
    return *known->second;
  }
  const auto known = tables_.find(name);
  if (known != tables_.end()) return known->second;
  Tensor rows = made(*table, static_cast<std::size_t>(table - begin));
  return tables_.emplace(name, through_layers(*table, std::move(rows))).first->second;
}

Tensor DescribedTables::made(const TableRecipe& table, std::size_t place) {
  if (!table.beside.empty()) return side_by_side(table, place);
  if (!table.sum.empty()) return sum(table, place);
  return cut(table);
}

Tensor DescribedTables::cut(const TableRecipe& table) {
  Tensor rows = rows_before(table.tensor, 0);
  if (table.first_row > 0 || table.rows > 0) {
    const std::int64_t rest = rows.shape[0] - table.first_row;
    if (std::max<std::int64_t>(table.rows, 1) > rest) {
      throw Error(table.where.text, in_quotes(table.name) + " ends behind the last row of " + in_quotes(table.tensor) +
                                        ", which has " + std::to_string(rows.shape[0]));
    }
    rows = rows_of(rows, table.first_row, table.rows > 0 ? table.rows : rest, table.name);
  }
  if (table.zeros_from == 0 || table.zeros_from >= rows.shape[0]) return rows;
  return computed_table(name_of(table), {{rows, {}, static_cast<std::uint64_t>(table.zeros_from)}});
}

Tensor DescribedTables::side_by_side(const TableRecipe& table, std::size_t place) {
  std::vector<Block> blocks;
  std::uint64_t column = 0;
  for (const std::string& name : table.beside) {
    const Tensor& rows = rows_before(name, place);
    blocks.push_back({0, column, rows});
    column += static_cast<std::uint64_t>(rows.shape[1]);
    require_as_many(table, rows, blocks[0].tensor);
  }
  return block_matrix(name_of(table), std::move(blocks), table.where.text);
}

Tensor DescribedTables::sum(const TableRecipe& table, std::size_t place) {
  std::vector<TableTerm> terms;
  for (const std::string& name : table.sum) {
    const Tensor& rows = rows_before(name, place);
    terms.push_back({rows, {}, static_cast<std::uint64_t>(rows.shape[0])});
    require_as_many(table, rows, terms[0].table);
    if (rows.shape[1] == terms[0].table.shape[1]) continue;
    throw Error(table.where.text, in_quotes(table.name) + " adds rows of " + std::to_string(rows.shape[1]) +
                                      " numbers to rows of " + std::to_string(terms[0].table.shape[1]));
  }
  return computed_table(name_of(table), std::move(terms));
}

// They work on rows, so they are folded into them.
Tensor DescribedTables::through_layers(const TableRecipe& table, Tensor rows) {
  const auto width = static_cast<std::size_t>(rows.shape[1]);
  for (Layer& layer : take_layers(claims_, description_.layout, table.layers, width, "the table")) {
    if (!can_compute(layer.activation)) {
      throw Error(table.where.text, "the layers of " + in_quotes(table.name) +
                                        " have an activation with numbers; rows go through identity, relu, "
                                        "leaky_relu, sigmoid or tanh");
    }
    const auto count = static_cast<std::uint64_t>(rows.shape[0]);
    rows = computed_table(name_of(table), {{rows, std::move(layer.weight), count}}, std::move(layer.bias),
                          layer.activation);
  }
  return rows;
}

}  // namespace dinghy::converter
