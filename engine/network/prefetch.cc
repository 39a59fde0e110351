#include "engine/network/prefetch.h"

#include "engine/network/columns.h"
#include "engine/network/lookup.h"

namespace dinghy::network {
namespace {

bool has_keys_of(const Table& table, const Column& column) noexcept {
  const bool strings = table.vocabulary != nullptr && table.vocabulary->key_type == format::KeyType::string;
  return column.kind() == (strings ? Column::Kind::strings : Column::Kind::ids);
}

/// Calls f(key) for every entry of a column of ids or strings, until one is not ok.
template <class F>
Status for_each_key(const Column& column, F f) noexcept {
  for (std::size_t i = 0; i < column.size(); ++i) {
    if (i < column.which().size() && column.which()[i] != Column::kNoRow) continue;  // its row came
    const Status status = column.kind() == Column::Kind::strings ? f(column.string(i)) : f(column.id(i));
    if (!status) return status;
  }
  return Status();
}

/// Calls f(table, column) for the tables that the columns' ids have rows in: for the candidate, and for the history.
template <class F>
Status for_each_table(const Model& model, Columns columns, F f) noexcept {
  for (const Column& column : columns) {
    if (column.feature() >= model.features.size()) {
      return Status::error(Code::invalid_argument, "a column names feature %u; the model has %zu", column.feature(),
                           model.features.size());
    }
    if (const char* const wrong = misplaced(column)) {
      return Status::error(Code::invalid_argument, "a column of feature %u: %s", column.feature(), wrong);
    }
    const Feature& feature = model.features[column.feature()];
    const Table* const tables[] = {feature.table,
                                   feature.history_table == feature.table ? nullptr : feature.history_table};
    for (const Table* table : tables) {
      if (table == nullptr || !has_keys_of(*table, column)) continue;
      if (Status status = f(*table, column); !status) return status;
    }
  }
  return Status();
}

std::span<const std::byte> row_span(const Table& table, const std::byte* row) noexcept {
  return {row, table.row_stride};
}

}  // namespace

Status prefetch(const Model& model, Columns columns) noexcept {
  return for_each_table(model, columns, [&](const Table& table, const Column& column) noexcept {
    return for_each_key(column, [&](auto key) noexcept {
      if (table.vocabulary != nullptr) {
        const std::byte* const slot = first_slot(*table.vocabulary, key);
        if (!model.mapping.is_resident(slot)) {
          model.mapping.will_be_needed({slot, 1});
          return Status();
        }
      }
      const Lookup found = look_up(table, key);
      if (found.row != nullptr) model.mapping.will_be_needed(row_span(table, found.row));
      return Status();
    });
  });
}

Status pin(const Model& model, Columns columns) noexcept {
  return for_each_table(model, columns, [&](const Table& table, const Column& column) noexcept {
    return for_each_key(column, [&](auto key) noexcept {
      const Lookup found = look_up(table, key);
      return found.row == nullptr ? Status() : model.mapping.lock(row_span(table, found.row));
    });
  });
}

}  // namespace dinghy::network
