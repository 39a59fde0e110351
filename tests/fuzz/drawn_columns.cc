#include "tests/fuzz/drawn_columns.h"

#include <iterator>
#include <limits>

#include "engine/network/network.h"
#include "schema/row_block.h"

namespace dinghy::fuzz {
namespace {

bool belongs(const Feature& feature, Side side) {
  if (side == Side::history) return feature.in_history;
  return (side == Side::candidates) == (feature.role == Role::candidate) && feature.role != Role::history;
}

}  // namespace

DrawnColumns::DrawnColumns(const Model& model, Side side, std::size_t rows, unsigned hostility, tests::Random& random)
    : random_(&random), hostility_(hostility), model_(&model), side_(side) {
  const auto features = model.features();
  for (std::uint32_t f = 0; f < features.size(); ++f) {
    if (!belongs(features[f], side)) continue;
    if (hostile() && random.below(4) == 0) continue;
    add(f, features[f], side == Side::user ? 1 : rows);
    if (hostile() && random.below(4) == 0) add(f, features[f], rows);
  }
  if (hostile() && random.below(4) == 0) {
    add(static_cast<std::uint32_t>(random.bits()),
        {.name = "",
         .role = Role::user,
         .in_history = false,
         .kind = FeatureKind::id,
         .dense_width = 0,
         .string_ids = false,
         .remote_version = 0,
         .remote_history_version = 0},
        rows);
  }
}

void DrawnColumns::add(std::uint32_t number, const Feature& feature, std::size_t rows) {
  FeatureKind kind = feature.kind;
  bool strings = feature.string_ids;
  if (hostile() && random_->below(4) == 0) kind = static_cast<FeatureKind>(random_->below(3));
  if (hostile() && random_->below(4) == 0) strings = !strings;
  if (hostile() && random_->below(4) == 0) rows = random_->below(2 * rows + 2);
  if (hostile() && random_->below(8) == 0) number = static_cast<std::uint32_t>(random_->below(number + 3));
  std::size_t values = kind == FeatureKind::dense ? rows * feature.dense_width : rows;
  std::span<const std::uint32_t> ends;
  if (kind == FeatureKind::bag) ends = offsets(rows, values);
  add_values(number, kind, strings, values, ends);
  if (hostile()) add_rows(feature, columns_.back());
}

/// Rows for the values of a remote feature, in its table's encoding or in f32.
void DrawnColumns::add_rows(const Feature& feature, Column& column) {
  const auto f = static_cast<std::size_t>(&feature - model_->features().data());
  if (f >= model_->features().size()) return;
  const network::Feature& of = model_->internal().features[f];
  const network::Table* const table = side_ == Side::history ? of.history_table : of.table;
  if (table == nullptr || (!table->is_remote() && random_->below(8) > 0)) return;
  format::RowBlockFront front{.version = table->remote_version,
                              .width = table->width,
                              .count = 1 + static_cast<std::uint32_t>(random_->below(column.size() + 1)),
                              .form = random_->below(2) == 0 ? table->form : format::RowForm::f32};
  auto& block = blocks_.emplace_back(
      format::kRowBlockFront + front.count * static_cast<std::size_t>(format::row_bytes(front.form, front.width)));
  for (std::byte& byte : block) byte = static_cast<std::byte>(random_->below(0x40));  // no NaN, and no infinity
  if (hostile() && random_->below(4) == 0) ++front.version;
  if (hostile() && random_->below(4) == 0) front.width = static_cast<std::uint32_t>(random_->bits());
  if (hostile() && random_->below(4) == 0) front.count = static_cast<std::uint32_t>(random_->bits());
  format::write_row_block_front(front, reinterpret_cast<unsigned char*>(block.data()));
  if (hostile() && random_->below(2) == 0) block[random_->below(block.size())] = std::byte{0xff};
  if (hostile() && random_->below(4) == 0) block.resize(random_->below(block.size()));
  auto& which = offsets_.emplace_back(column.size());
  for (std::uint32_t& row : which) {
    row = random_->below(8) == 0 ? Column::kNoRow : static_cast<std::uint32_t>(random_->below(front.count | 1));
  }
  if (hostile() && random_->below(4) == 0) which.resize(random_->below(which.size() + 1));
  if (column.kind() != Column::Kind::numbers && random_->below(3) == 0) {
    column = Column::row_bags(column.feature(), block, which, column.offsets());
  } else {
    column = column.with_rows(block, which);
  }
}

void DrawnColumns::add_values(std::uint32_t number, FeatureKind kind, bool strings, std::size_t values,
                              std::span<const std::uint32_t> offsets) {
  if (kind == FeatureKind::dense) {
    auto& numbers = numbers_.emplace_back(values);
    for (float& x : numbers) x = this->number();
    columns_.push_back(Column::numbers(number, numbers));
  } else if (strings) {
    auto& views = views_.emplace_back(values);
    for (std::string_view& view : views) view = string();
    columns_.push_back(offsets.empty() ? Column::strings(number, views) : Column::string_bags(number, views, offsets));
  } else {
    auto& ids = ids_.emplace_back(values);
    for (std::int64_t& value : ids) value = id();
    columns_.push_back(offsets.empty() ? Column::ids(number, ids) : Column::bags(number, ids, offsets));
  }
}

std::span<const std::uint32_t> DrawnColumns::offsets(std::size_t rows, std::size_t& values) {
  auto& ends = offsets_.emplace_back(1, 0);
  for (std::size_t r = 0; r < rows; ++r) ends.push_back(ends.back() + static_cast<std::uint32_t>(random_->below(4)));
  values = ends.back();
  for (std::uint32_t& end : ends) {
    if (hostile() && random_->below(4) == 0) end = static_cast<std::uint32_t>(random_->bits() >> random_->below(64));
  }
  return ends;
}

std::int64_t DrawnColumns::id() {
  using Limits = std::numeric_limits<std::int64_t>;
  constexpr std::int64_t kOdd[] = {
      -1, 0, 19, 20, 49, 50, 51, Limits::max(), Limits::min(), std::int64_t{1} << 31, -50, -600, 2401, 1000000};
  return hostile() ? kOdd[random_->below(std::size(kOdd))] : static_cast<std::int64_t>(random_->below(kSoundIds));
}

float DrawnColumns::number() {
  using Limits = std::numeric_limits<float>;
  constexpr float kOdd[] = {Limits::quiet_NaN(), Limits::infinity(), -Limits::infinity(),  Limits::max(),
                            Limits::lowest(),    Limits::min(),      Limits::denorm_min(), -0.f};
  return hostile() ? kOdd[random_->below(std::size(kOdd))] : static_cast<float>(random_->number(2));
}

std::string_view DrawnColumns::string() {
  if (hostile() && random_->below(2) == 0) return strings_.emplace_back(random_->below(40), '\xff');
  return strings_.emplace_back("item-" + std::to_string(id()));
}

}  // namespace dinghy::fuzz
