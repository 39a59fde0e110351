#include "engine/scoring/history_update.h"

#include <algorithm>
#include <atomic>
#include <cstring>

#include "engine/network/gather.h"

namespace dinghy::scoring {
namespace {

using network::Feature;
using network::History;
using network::RowMark;
using network::Sequence;
using network::Side;
using Store = UserState::Data::Store;

std::uint64_t next_epoch() noexcept {
  static std::atomic<std::uint64_t> last{0};
  return last.fetch_add(1, std::memory_order_relaxed) + 1;
}

/// One sequence of a state: its description, its history and the rest of its memory.
struct Place {
  const Sequence& sequence;
  History& history;
  Store& store;

  Place(UserState::Data& data, std::size_t s) noexcept
      : sequence(data.network().sequences[s]), history(data.histories[s]), store(data.stores[s]) {}

  std::size_t columns() const noexcept { return sequence.features.size(); }
  float* row(std::size_t t) const noexcept { return history.rows + t * sequence.stride; }
  RowMark* marks(std::size_t t) const noexcept { return history.marks + t * columns(); }
  RowMark* new_marks(std::size_t t) const noexcept { return store.new_marks + t * columns(); }
};

/// False where the sequence's mask takes the behaviour in `row` of the columns out. Only ids can be padding.
bool is_real(const UserState::Data& data, const Sequence& sequence, std::size_t row) noexcept {
  if (sequence.mask == format::Mask::length) return true;
  bool any_real = false, all_real = true, first = true;
  for (const std::uint32_t f : sequence.features) {
    const Feature& feature = data.network().features[f];
    const Column& column = *data.matched[f];
    if (column.kind() != Column::Kind::ids || column.is_bag()) continue;
    const bool real = column.id(row) != feature.pad_id;
    if (first && sequence.mask == format::Mask::first_id) return real;
    first = false;
    any_real = any_real || real;
    all_real = all_real && real;
  }
  return first || (sequence.mask == format::Mask::all_ids ? any_real : all_real);
}

/// The marks of the columns' rows [first, first + count) into new_marks; 0 for columns that are no ids.
Status find_behaviors(UserState::Data& data, const Place& place, std::size_t first, std::size_t count) noexcept {
  for (std::size_t c = 0; c < place.columns(); ++c) {
    const std::uint32_t f = place.sequence.features[c];
    if (data.network().features[f].kind != format::FeatureKind::id) {
      for (std::size_t t = 0; t < count; ++t) place.new_marks(t)[c] = 0;
      continue;
    }
    if (Status status = network::find_rows(data.network(), f, Side::history, *data.matched[f], first, count,
                                           place.store.new_marks + c, place.columns());
        !status) {
      return status;
    }
  }
  return Status();
}

/// The vectors of the behaviour in `row` of the columns, whose marks find_behaviors found.
Status gather_behavior(UserState::Data& data, const Place& place, const RowMark* marks, std::size_t row,
                       float* out) noexcept {
  for (std::size_t c = 0; c < place.columns(); ++c) {
    const std::uint32_t f = place.sequence.features[c];
    const Feature& feature = data.network().features[f];
    float* const vector = out + feature.history_offset;
    if (feature.kind == format::FeatureKind::id) {
      network::copy_value(data.network(), data.kernels.rows(), *feature.history_table, *data.matched[f], row, marks[c],
                          vector);
      continue;
    }
    if (Status status =
            network::gather(data.network(), data.kernels.rows(), f, Side::history, *data.matched[f], row, vector);
        !status) {
      return status;
    }
  }
  return Status();
}

/// Numbers that the mask takes out have weight 0, but 0 times a projection that overflows is a NaN, and integers round
/// all behaviours by the largest number of a column: they become zeros.
void clear_numbers(const UserState::Data& data, const Place& place, float* row) noexcept {
  for (const std::uint32_t f : place.sequence.features) {
    const Feature& feature = data.network().features[f];
    if (feature.kind == format::FeatureKind::dense) std::fill_n(row + feature.history_offset, feature.width, 0.f);
  }
}

void count_real(History& history) noexcept {
  history.real_count = 0;
  for (std::size_t t = 0; t < history.length; ++t) history.real_count += history.real[t];
}

/// How many of the oldest behaviours leave when `count` new ones replace the history, if those begin with all others;
/// the whole length when they do not. The longest beginning of the new ones that the old ones end with, by Knuth,
/// Morris and Pratt: a comparison at every shift would take time quadratic in a history like A A A … B.
std::size_t leaving(const Place& place, std::size_t count) noexcept {
  const History& old = place.history;
  if (!place.sequence.ids_only) return old.length;
  const auto equal = [&](const RowMark* marks, std::uint8_t real, std::size_t t) {
    return real == place.store.new_real[t] && std::equal(marks, marks + place.columns(), place.new_marks(t));
  };
  const std::size_t most = std::min(old.length, count);
  std::uint32_t* const border =
      place.store.borders;  // [t] of the new ones up to t: the longest beginning and end alike
  std::size_t matched = 0;
  for (std::size_t t = 0; t < most; ++t) {
    if (t > 0) {
      while (matched > 0 && !equal(place.new_marks(t), place.store.new_real[t], matched)) matched = border[matched - 1];
      matched += equal(place.new_marks(t), place.store.new_real[t], matched);
    }
    border[t] = static_cast<std::uint32_t>(matched);
  }
  matched = 0;
  for (std::size_t t = old.length - most; t < old.length; ++t) {
    while (matched > 0 && !equal(place.marks(t), old.real[t], matched)) matched = border[matched - 1];
    matched += equal(place.marks(t), old.real[t], matched);
  }
  return old.length - matched;
}

/// The oldest `count` behaviours leave.
void drop(const Place& place, std::size_t count) noexcept {
  History& history = place.history;
  const std::size_t kept = history.length - count;
  if (count > 0 && kept > 0) {
    std::memmove(place.row(0), place.row(count), kept * place.sequence.stride * sizeof(float));
    std::memmove(place.marks(0), place.marks(count), kept * place.columns() * sizeof(RowMark));
    std::memmove(history.real, history.real + count, kept);
  }
  history.length = kept;
  history.first += count;
}

void clear(History& history) noexcept {
  history.length = 0;
  history.real_count = 0;
  history.first = 0;
  history.epoch = next_epoch();
}

/// Of the rows of a call's columns, those that a history can keep.
struct KeptRows {
  std::size_t first = 0;
  std::size_t count = 0;
};

Status kept_rows(const UserState::Data& data, std::size_t s, KeptRows& rows) noexcept {
  std::size_t all = 0;
  if (Status status = network::count_rows(data.network(), Side::history, static_cast<int>(s), data.matched, all);
      !status) {
    return status;
  }
  rows.count = std::min(all, data.stores[s].capacity);
  rows.first = data.network().sequences[s].keep == format::Keep::last ? all - rows.count : 0;
  return Status();
}

Status replace_history(UserState::Data& data, const Place& place, KeptRows rows) noexcept {
  History& history = place.history;
  const std::size_t first = rows.first, count = rows.count;
  if (Status status = find_behaviors(data, place, first, count); !status) return status;
  for (std::size_t t = 0; t < count; ++t) place.store.new_real[t] = is_real(data, place.sequence, first + t) ? 1 : 0;
  const std::size_t leave = leaving(place, count);
  if (leave == history.length) {
    clear(history);
  } else {
    drop(place, leave);
  }
  for (std::size_t t = history.length; t < count; ++t) {
    if (Status status = gather_behavior(data, place, place.new_marks(t), first + t, place.row(t)); !status)
      return status;
    if (place.store.new_real[t] == 0) clear_numbers(data, place, place.row(t));
  }
  std::copy_n(place.store.new_marks, count * place.columns(), history.marks);
  std::copy_n(place.store.new_real, count, history.real);
  history.length = count;
  count_real(history);
  return Status();
}

/// Finds the new behaviours' marks, and looks at the ids of bags, which have none, for errors.
Status look_at_new(UserState::Data& data, std::size_t s) noexcept {
  const Place place(data, s);
  KeptRows rows;
  if (Status status = kept_rows(data, s, rows); !status) return status;
  if (Status status = find_behaviors(data, place, rows.first, rows.count); !status) return status;
  for (const std::uint32_t f : place.sequence.features) {
    if (data.network().features[f].kind != format::FeatureKind::bag) continue;
    if (Status status = network::check_bags(data.network(), f, Side::history, *data.matched[f], rows.first, rows.count);
        !status) {
      return status;
    }
  }
  return Status();
}

/// Adds the behaviours that look_at_new found; the oldest leave a full history, or the new ones are dropped.
Status push_new(UserState::Data& data, std::size_t s) noexcept {
  const Place place(data, s);
  KeptRows rows;
  if (Status status = kept_rows(data, s, rows); !status) return status;
  History& history = place.history;
  const std::size_t capacity = place.store.capacity;
  if (place.sequence.keep == format::Keep::first) rows.count = std::min(rows.count, capacity - history.length);
  if (history.length + rows.count > capacity) drop(place, history.length + rows.count - capacity);
  for (std::size_t t = 0; t < rows.count; ++t) {
    const std::size_t row = rows.first + t;
    if (Status status = gather_behavior(data, place, place.new_marks(t), row, place.row(history.length)); !status)
      return status;
    std::copy_n(place.new_marks(t), place.columns(), place.marks(history.length));
    history.real[history.length] = is_real(data, place.sequence, row) ? 1 : 0;
    if (history.real[history.length] == 0) clear_numbers(data, place, place.row(history.length));
    ++history.length;
  }
  count_real(history);
  return Status();
}

Status replace_all(UserState::Data& data, Columns columns) noexcept {
  if (Status status = network::match_columns(data.network(), Side::history, columns, data.matched); !status)
    return status;
  for (std::size_t s = 0; s < data.stores.size(); ++s) {
    KeptRows rows;
    if (Status status = kept_rows(data, s, rows); !status) return status;
    if (Status status = replace_history(data, Place(data, s), rows); !status) return status;
  }
  return Status();
}

}  // namespace

Status replace_histories(UserState::Data& data, Columns history) noexcept {
  const Status status = replace_all(data, history);
  if (!status) {
    for (History& h : data.histories) clear(h);
  }
  return status;
}

Status append_behaviors(UserState::Data& data, Columns behaviors) noexcept {
  if (Status status = network::match_columns(data.network(), Side::history, behaviors, data.matched); !status)
    return status;
  for (std::size_t s = 0; s < data.stores.size(); ++s) {  // a pass that only looks: an error must change nothing
    if (Status status = look_at_new(data, s); !status) return status;
  }
  for (std::size_t s = 0; s < data.stores.size(); ++s) {
    if (Status status = push_new(data, s); !status) return status;
  }
  return Status();
}

}  // namespace dinghy::scoring
