#include "bindings/python/src/arrow_column.h"

namespace dinghy::python {
namespace {

bool one_a_row(const PartFeature& feature) noexcept {
  return feature.kind == FeatureKind::id || (feature.kind == FeatureKind::dense && feature.width == 1);
}

// What a feature takes, for messages: "lists of lists of integer ids".
std::string expected(Part part, const PartFeature& feature) {
  const std::string values = feature.kind == FeatureKind::dense ? "numbers"
                             : feature.string_ids               ? "strings"
                                                                : "integer ids";
  const std::string row = one_a_row(feature) ? values : "lists of " + values;
  if (part == Part::user || part == Part::context) return row;
  return part == Part::history ? "lists of " + row : row + ", or lists of them";
}

bool takes(const PartFeature& feature, ArrowValues::Kind kind) noexcept {
  using Kind = ArrowValues::Kind;
  if (kind == Kind::nothing) return true;  // of a column that has no value at all; any value is a null
  if (feature.kind == FeatureKind::dense) return kind == Kind::floats || kind == Kind::integers;
  return kind == (feature.string_ids ? Kind::strings : Kind::integers);
}

}  // namespace

ArrowColumn::ArrowColumn(Part part, const PartFeature& feature, std::string name)
    : part_(part), feature_(&feature), name_(std::move(name)), inner_(!one_a_row(feature)) {}

void ArrowColumn::set_type(const ArrowSchema& schema) {
  ArrowList levels[2];
  std::size_t depth = 0;
  const ArrowSchema* values = &schema;
  for (; depth < 2 && levels[depth].set_type(*values); ++depth) values = values->children[0];
  try {
    values_.set_type(*values);
  } catch (const ArrowTypeError& error) {
    throw ArrowTypeError(error.what() + ("; this feature takes " + expected(part_, *feature_)));
  }
  const std::size_t least = (inner_ ? 1 : 0) + (part_ == Part::history ? 1 : 0);
  const std::size_t most = (inner_ ? 1 : 0) + (part_ == Part::history || part_ == Part::candidates ? 1 : 0);
  // Arrow's type null stands for lists too, in a column in which every list is missing.
  const bool fits = depth >= least && depth <= most && takes(*feature_, values_.kind());
  if (!fits) {
    std::string type = depth == 0 ? "" : depth == 1 ? "list of " : "list of lists of ";
    throw ArrowTypeError("is of the Arrow type " + type + "'" + values->format + "'; this feature takes " +
                         expected(part_, *feature_));
  }
  lists_ = depth > (inner_ ? 1U : 0U);
  if (lists_) outer_lists_ = levels[0];
  if (inner_) inner_lists_ = levels[depth - 1];
}

void ArrowColumn::bind(const ArrowArray& array) {
  array_ = &array;
  const ArrowArray* values = &array;
  for (ArrowList* list : {lists_ ? &outer_lists_ : nullptr, inner_ ? &inner_lists_ : nullptr}) {
    if (list == nullptr) continue;
    list->bind(*values);
    values = values->children[0];
  }
  values_.bind(*values);
}

Column ArrowColumn::row(std::int64_t index) {
  const Rows rows = lists_ ? outer_lists_[index] : Rows{index, index + 1};
  count_ = static_cast<std::size_t>(rows.count());
  ids_.clear();
  numbers_.clear();
  strings_.clear();
  if (inner_) return list_row(rows);
  if (feature_->kind == FeatureKind::dense) return number_row(rows, numbers_, Column::numbers);
  if (!feature_->string_ids) return number_row(rows, ids_, Column::ids);
  values_.append(rows, strings_);
  return Column::strings(feature_->number, strings_);
}

template <class T>
Column ArrowColumn::number_row(Rows rows, std::vector<T>& room, Column (*column)(std::uint32_t, std::span<const T>)) {
  const std::span<const T> in_place = values_.in_place<T>(rows);
  if (in_place.data() != nullptr) return column(feature_->number, in_place);
  values_.append(rows, room);
  return column(feature_->number, room);
}

Column ArrowColumn::list_row(Rows rows) {
  const bool dense = feature_->kind == FeatureKind::dense;
  offsets_.assign(1, 0);
  for (std::int64_t i = rows.begin; i < rows.end; ++i) {
    const Rows inner = inner_lists_[i];
    if (dense && static_cast<std::size_t>(inner.count()) != feature_->width) {
      throw ArrowValueError("has " + std::to_string(inner.count()) + " numbers; this feature takes " +
                            std::to_string(feature_->width) + " a row");
    }
    append(inner);
    offsets_.push_back(static_cast<std::uint32_t>(feature_->string_ids ? strings_.size() : ids_.size()));
  }
  if (dense) return Column::numbers(feature_->number, numbers_);
  return feature_->string_ids ? Column::string_bags(feature_->number, strings_, offsets_)
                              : Column::bags(feature_->number, ids_, offsets_);
}

void ArrowColumn::append(Rows rows) {
  if (feature_->kind == FeatureKind::dense) return values_.append(rows, numbers_);
  return feature_->string_ids ? values_.append(rows, strings_) : values_.append(rows, ids_);
}

}  // namespace dinghy::python
