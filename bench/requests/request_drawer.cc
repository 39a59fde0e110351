#include "bench/requests/request_drawer.h"

#include <cstring>

#include "model_generated.h"
#include "schema/hash.h"

namespace dinghy::bench {
namespace {

constexpr std::size_t kBagSize = 3;

/// Values that a table has rows for.
class IdSource {
 public:
  IdSource(const Model& model, int table) : file_(reinterpret_cast<const unsigned char*>(model.file().data())) {
    const format::Model* metadata = format::GetModel(model.metadata().data());
    table_ = metadata->tables()->Get(static_cast<flatbuffers::uoffset_t>(table));
    if (table_->vocabulary() < 0) return;
    vocabulary_ = metadata->vocabularies()->Get(static_cast<flatbuffers::uoffset_t>(table_->vocabulary()));
    slots_ = file_ + metadata->segments()->Get(vocabulary_->segment())->offset();
  }

  std::uint64_t values() const { return vocabulary_ ? vocabulary_->keys() : hashed() ? kAnyId : table_->rows(); }
  bool strings() const { return vocabulary_ && vocabulary_->key_type() == format::KeyType::string; }

  std::int64_t id(std::uint64_t draw) const {
    if (vocabulary_) return slot_at_or_after<format::Int64Slot>(draw).key;
    if (hashed()) return static_cast<std::int64_t>(draw % kAnyId);
    return table_->first_id() + static_cast<std::int64_t>(draw % table_->rows());
  }

  /// Empty for a slot that points out of the vocabulary: opening a file does not look at its slots.
  std::string string(std::uint64_t draw) const {
    const std::uint64_t offset = slot_at_or_after<format::StringSlot>(draw).string_offset;
    const std::uint64_t end = vocabulary_->strings_size();
    std::uint32_t size = 0;
    if (end < sizeof size || offset > end - sizeof size) return {};
    const unsigned char* text = slots_ + vocabulary_->strings_offset() + offset;
    std::memcpy(&size, text, sizeof size);
    if (size > end - sizeof size - offset) return {};
    return {reinterpret_cast<const char*>(text + sizeof size), size};
  }

 private:
  static constexpr std::uint64_t kAnyId = std::uint64_t{1} << 31;

  bool hashed() const { return table_->hash() != format::IdHash::none; }

  template <class Slot>
  Slot slot_at_or_after(std::uint64_t draw) const {
    const std::uint64_t capacity = vocabulary_->capacity();
    Slot slot{};
    for (std::uint64_t i = 0; i < capacity && slot.row_plus_one == 0; ++i) {
      std::memcpy(&slot, slots_ + vocabulary_->offset() + (draw + i) % capacity * sizeof slot, sizeof slot);
    }
    return slot;
  }

  const unsigned char* file_;
  const format::EmbeddingTable* table_;
  const format::Vocabulary* vocabulary_ = nullptr;
  const unsigned char* slots_ = nullptr;
};

}  // namespace

void RequestDrawer::draw_ids(converter::RequestColumn& column, int table, std::size_t count) {
  const IdSource source(model_, table);
  std::vector<std::uint64_t> favourites;
  if (source.values() <= kFewRows) {
    for (std::size_t i = 0; i < kFavourites; ++i) favourites.push_back(bits_());
  }
  column.kind = source.strings() ? Column::Kind::strings : Column::Kind::ids;
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint64_t bits = bits_();
    const std::uint64_t draw = favourites.empty() ? bits : favourites[bits % kFavourites];
    if (source.strings()) {
      column.strings.push_back(source.string(draw));
    } else {
      column.ids.push_back(source.id(draw));
    }
  }
  column.views.assign(column.strings.begin(), column.strings.end());
}

converter::RequestColumn RequestDrawer::draw_column(std::uint32_t index, Side side, std::size_t rows) {
  const Feature& feature = model_.features()[index];
  converter::RequestColumn column;
  column.feature = index;
  if (feature.kind == FeatureKind::dense) {
    column.kind = Column::Kind::numbers;
    for (std::size_t i = 0; i < rows * feature.dense_width; ++i) {
      column.numbers.push_back(static_cast<float>(bits_() >> 40) * 0x1p-24f);
    }
    return column;
  }
  const format::Model* metadata = format::GetModel(model_.metadata().data());
  const format::Feature* stored = metadata->features()->Get(index);
  const std::size_t values = feature.kind == FeatureKind::bag ? kBagSize : 1;
  draw_ids(column, side == Side::history ? stored->history_table() : stored->table(), rows * values);
  if (feature.kind == FeatureKind::bag) {
    column.bag = true;
    for (std::size_t row = 0; row <= rows; ++row) column.offsets.push_back(static_cast<std::uint32_t>(row * values));
  }
  return column;
}

std::vector<converter::RequestColumn> RequestDrawer::draw_history(std::size_t behaviours) {
  std::vector<converter::RequestColumn> columns;
  for (std::uint32_t f = 0; f < model_.features().size(); ++f) {
    if (model_.features()[f].in_history) columns.push_back(draw_column(f, Side::history, behaviours));
  }
  return columns;
}

converter::Request RequestDrawer::draw(std::size_t candidates, std::size_t history) {
  converter::Request request;
  request.where = "a drawn request";
  for (std::uint32_t f = 0; f < model_.features().size(); ++f) {
    const Role role = model_.features()[f].role;
    if (role == Role::user || role == Role::context) request.features.push_back(draw_column(f, Side::features, 1));
    if (role == Role::candidate) request.candidates.push_back(draw_column(f, Side::candidates, candidates));
  }
  request.history = draw_history(history);
  request.candidate_count = candidates;
  return request;
}

}  // namespace dinghy::bench
