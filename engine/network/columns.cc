#include "engine/network/columns.h"

#include <algorithm>

#include "dinghy/dinghy.h"
#include "engine/network/came_rows.h"
#include "engine/network/feature_name.h"
#include "schema/finite.h"

namespace dinghy {

std::string_view Column::string(std::size_t index) const noexcept {
  if (!c_strings_) return static_cast<const std::string_view*>(data_)[index];
  const dinghy_string& string = static_cast<const dinghy_string*>(data_)[index];
  return {string.data, string.size};
}

namespace network {
namespace {

const char* side_name(Side side) noexcept {
  switch (side) {
    case Side::user:
      return "user and context";
    case Side::history:
      return "the history";
    case Side::candidates:
      return "the candidates";
  }
  return "";
}

const Table* table_on(const Feature& feature, Side side) noexcept {
  return side == Side::history ? feature.history_table : feature.table;
}

Status check_offsets(const Column& column, FeatureName name) noexcept {
  const auto offsets = column.offsets();
  for (std::size_t i = 0; i < offsets.size(); ++i) {
    if (offsets[i] > column.size() || (i > 0 && offsets[i] < offsets[i - 1])) {
      return Status::error(Code::invalid_argument, "%.*s: the bags' offsets fall, or reach behind the ids", name.size,
                           name.text);
    }
  }
  return Status();
}

Status check_numbers(const Feature& feature, const Column& column, FeatureName name) noexcept {
  if (column.kind() != Column::Kind::numbers || column.has_rows()) {
    return Status::error(Code::invalid_argument, "%.*s: takes numbers", name.size, name.text);
  }
  if (column.size() % feature.dense_width != 0) {
    return Status::error(Code::invalid_argument, "%.*s: takes %u numbers a row", name.size, name.text,
                         feature.dense_width);
  }
  for (std::size_t i = 0; i < column.size(); ++i) {
    if (!format::is_finite(column.numbers()[i])) {
      return Status::error(Code::invalid_argument, "%.*s: number %zu is a NaN or an infinity", name.size, name.text, i);
    }
  }
  return Status();
}

/// True where the values of `feature` need ids beside the rows that came: a mask looks at them, or a bias has a table
/// of its own.
bool needs_ids(const Model& model, std::uint32_t f, Side side) noexcept {
  const Feature& feature = model.features[f];
  if (side == Side::history) {
    return model.sequences[static_cast<std::size_t>(feature.sequence)].mask != format::Mask::length;
  }
  return std::any_of(model.head.biases.begin(), model.head.biases.end(),
                     [=](const Bias& bias) { return bias.feature == f; });
}

/// A column of ids or strings, or of rows alone.
Status check_kind(const Model& model, std::uint32_t f, Side side, const Column& column, FeatureName name) noexcept {
  const Table& table = *table_on(model.features[f], side);
  if (column.has_rows() && !table.is_remote()) {
    return Status::error(Code::invalid_argument, "%.*s: takes no rows: its table is in the model file", name.size,
                         name.text);
  }
  const bool strings = table.vocabulary != nullptr && table.vocabulary->key_type == format::KeyType::string;
  const char* const keys = strings ? "strings" : "integer ids";
  if (column.kind() == Column::Kind::rows && needs_ids(model, f, side)) {
    return Status::error(Code::invalid_argument, "%.*s: takes %s beside the rows that came", name.size, name.text,
                         keys);
  }
  if (column.kind() == (strings ? Column::Kind::strings : Column::Kind::ids) || column.kind() == Column::Kind::rows) {
    return Status();
  }
  return Status::error(Code::invalid_argument, "%.*s: takes %s", name.size, name.text, keys);
}

Status check_column(const Model& model, std::uint32_t f, Side side, const Column& column, FeatureName name) noexcept {
  const Feature& feature = model.features[f];
  if (const char* const wrong = misplaced(column)) {
    return Status::error(Code::invalid_argument, "%.*s: %s", name.size, name.text, wrong);
  }
  if (feature.kind == format::FeatureKind::dense) return check_numbers(feature, column, name);
  if (Status status = check_kind(model, f, side, column, name); !status) return status;
  if (column.is_bag() != (feature.kind == format::FeatureKind::bag)) {
    return Status::error(Code::invalid_argument, "%.*s: takes %s a row", name.size, name.text,
                         column.is_bag() ? "one id" : "a bag of ids");
  }
  if (Status status = check_offsets(column, name); !status) return status;
  return kHasRemote && column.has_rows() ? check_came_rows(*table_on(feature, side), column, name) : Status();
}

}  // namespace

const char* misplaced(const Column& column) noexcept {
  const auto wrong = [](const void* begin, std::size_t count, std::size_t stride, auto example) -> const char* {
    const auto address = reinterpret_cast<std::uintptr_t>(begin);
    if (count == 0) return nullptr;
    if (address % alignof(decltype(example)) != 0) return "values or offsets are misaligned";
    if (count > 1 && stride == 0) return "the stride between its rows is 0";
    // The last value begins (count - 1) * stride values behind the first.
    const std::size_t room = (UINTPTR_MAX - address) / sizeof example;
    if (count > 1 && (count - 1 > room / stride || (count - 1) * stride >= room)) {
      return "values or offsets reach behind the end of memory";
    }
    return nullptr;
  };
  const auto offsets = wrong(column.offsets().data(), column.offsets().size(), 1, std::uint32_t{});
  if (offsets != nullptr) return offsets;
  const auto which = wrong(column.which().data(), column.which().size(), 1, std::uint32_t{});
  if (which != nullptr) return which;
  if (const auto block = wrong(column.block().data(), column.block().size(), 1, std::byte{})) return block;
  if (column.kind() == Column::Kind::rows) return nullptr;
  if (column.kind() == Column::Kind::ids) return wrong(column.ids(), column.size(), column.stride(), std::int64_t{});
  if (column.kind() == Column::Kind::strings) return wrong(column.ids(), column.size(), 1, std::string_view());
  return wrong(column.ids(), column.size(), 1, float{});
}

bool belongs(const Feature& feature, Side side) noexcept {
  switch (side) {
    case Side::user:
      return feature.role == format::Role::user || feature.role == format::Role::context;
    case Side::history:
      return feature.sequence >= 0;
    case Side::candidates:
      return feature.role == format::Role::candidate;
  }
  return false;
}

Status match_columns(const Model& model, Side side, Columns columns, const Column** matched) noexcept {
  for (std::size_t f = 0; f < model.features.size(); ++f) matched[f] = nullptr;
  for (const Column& column : columns) {
    const std::uint32_t f = column.feature();
    if (f >= model.features.size()) {
      return Status::error(Code::invalid_argument, "a column names feature %u; the model has %zu", f,
                           model.features.size());
    }
    const FeatureName name = name_of(model, f);
    if (!belongs(model.features[f], side)) {
      return Status::error(Code::invalid_argument, "%.*s: is no feature of %s", name.size, name.text, side_name(side));
    }
    if (matched[f] != nullptr)
      return Status::error(Code::invalid_argument, "%.*s: is given twice", name.size, name.text);
    if (Status status = check_column(model, f, side, column, name); !status) return status;
    matched[f] = &column;
  }
  for (std::uint32_t f = 0; f < model.features.size(); ++f) {
    if (!belongs(model.features[f], side) || matched[f] != nullptr) continue;
    const FeatureName name = name_of(model, f);
    return Status::error(Code::invalid_argument, "%.*s: is missing from %s", name.size, name.text, side_name(side));
  }
  return Status();
}

std::size_t rows_of(const Feature& feature, const Column& column) noexcept {
  if (column.is_bag()) return column.offsets().size() - 1;
  return feature.kind == format::FeatureKind::dense ? column.size() / feature.dense_width : column.size();
}

Status count_rows(const Model& model, Side side, int sequence, const Column* const* matched,
                  std::size_t& rows) noexcept {
  bool first = true;
  rows = 0;
  for (std::uint32_t f = 0; f < model.features.size(); ++f) {
    if (matched[f] == nullptr || (side == Side::history && model.features[f].sequence != sequence)) continue;
    const std::size_t here = rows_of(model.features[f], *matched[f]);
    if (!first && here != rows) {
      const FeatureName name = name_of(model, f);
      return Status::error(Code::invalid_argument, "%.*s: %zu rows, the columns before it have %zu", name.size,
                           name.text, here, rows);
    }
    rows = here;
    first = false;
  }
  return Status();
}

}  // namespace network
}  // namespace dinghy
