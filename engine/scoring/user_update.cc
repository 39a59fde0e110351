#include "engine/scoring/user_update.h"

#include <algorithm>
#include <cstring>

#include "engine/kernels/reference/din_forward.h"
#include "engine/kernels/reference/layers.h"
#include "engine/network/gather.h"

namespace dinghy::scoring {
namespace {

using network::Feature;
using network::Sequence;
using network::Side;
using Store = UserState::Data::Store;

/// False where the sequence's mask takes the behaviour in `row` of the columns out. Only ids can be padding.
bool is_real(const UserState::Data& data, const Sequence& sequence, std::size_t row) noexcept {
  if (sequence.mask == format::Mask::length) return true;
  bool any_real = false, all_real = true, first = true;
  for (const std::uint32_t f : sequence.features) {
    const Feature& feature = data.network().features[f];
    const Column& column = *data.matched[f];
    if (column.kind() != Column::Kind::ids || column.is_bag()) continue;
    const bool real = column.ids()[row] != feature.pad_id;
    if (first && sequence.mask == format::Mask::first_id) return real;
    first = false;
    any_real = any_real || real;
    all_real = all_real && real;
  }
  return first || (sequence.mask == format::Mask::all_ids ? any_real : all_real);
}

Status gather_behavior(UserState::Data& data, const Sequence& sequence, std::size_t row, float* out) noexcept {
  for (const std::uint32_t f : sequence.features) {
    float* const vector = out + data.network().features[f].history_offset;
    if (Status status = network::gather(data.network(), f, Side::history, *data.matched[f], row, vector); !status) {
      return status;
    }
  }
  return Status();
}

/// The first row of `rows` that a history of `capacity` keeps.
std::size_t first_kept(const Sequence& sequence, std::size_t rows, std::size_t capacity) noexcept {
  if (rows <= capacity || sequence.keep == format::Keep::first) return 0;
  return rows - capacity;
}

void count_real(network::History& history) noexcept {
  history.real_count = 0;
  for (std::size_t t = 0; t < history.length; ++t) history.real_count += history.real[t];
}

/// One more behaviour, already gathered in store.incoming, at the end; the oldest leaves a full history.
void push(const Sequence& sequence, Store& store, bool real) noexcept {
  network::History& history = *store.history;
  if (history.length == store.capacity) {
    if (sequence.keep == format::Keep::first || store.capacity == 0) return;
    std::memmove(history.rows, history.rows + sequence.stride, (history.length - 1) * sequence.stride * sizeof(float));
    std::memmove(history.real, history.real + 1, history.length - 1);
    --history.length;
  }
  std::copy_n(store.incoming, sequence.stride, history.rows + history.length * sequence.stride);
  history.real[history.length] = real ? 1 : 0;
  ++history.length;
}

void copy_keys(const network::Interest& interest, const Sequence& sequence, const network::History& history,
               float* keys) noexcept {
  for (std::size_t t = 0; t <= history.length; ++t) {
    float* out = keys + t * interest.stride;
    for (const network::Piece& piece : interest.keys) {
      out = std::copy_n(history.rows + t * sequence.stride + piece.offset, piece.width, out);
    }
  }
}

void concatenate_user_parts(const network::Model& model, const float* row, float* out) noexcept {
  for (std::size_t i = 0; i < model.tower.user_parts; ++i) {
    const network::Part& part = model.tower.parts[i];
    for (std::size_t j = 0; j < part.operand.width; ++j) {
      const float left = row[part.operand.offset + j];
      *out++ = part.is_product ? left * row[part.times.offset + j] : left;
    }
  }
}

/// initial = bias + user parts * the first rows of the first layer.
void project_user_parts(UserState::Data& data) noexcept {
  const network::Tower& tower = data.network().tower;
  const network::Layer& first = tower.hidden[0];
  concatenate_user_parts(data.network(), data.row, data.tower_input);
  if (data.kernels.simd == nullptr) {  // made with `reference`: scorers of other ISAs may read it all the same
    network::Layer user_layer = first;
    user_layer.in = static_cast<std::uint32_t>(tower.user_width);
    double* const x = data.scratch;
    double* const y = x + tower.user_width;
    std::copy_n(data.tower_input, tower.user_width, x);
    kernels::reference::affine(user_layer, x, y);
    for (std::size_t o = 0; o < first.out; ++o) data.tower_initial[o] = static_cast<float>(y[o]);
    return;
  }
  data.kernels.simd->product({data.tower_input, tower.user_width, 1, first.weight, first.stride, tower.user_width,
                              first.out, first.bias, data.tower_initial, first.stride});
}

/// The part of the head's biases that no candidate changes.
Status gather_biases(UserState::Data& data) noexcept {
  data.head_bias = 0;
  for (const network::Bias& bias : data.network().head.biases) {
    const Column* const column = data.matched[bias.feature];
    if (column == nullptr) continue;
    if (Status status = network::add_bias(data.network(), bias, *column, 0, data.head_bias); !status) return status;
  }
  return Status();
}

}  // namespace

Status gather_user(UserState::Data& data, Columns features) noexcept {
  const network::Model& model = data.network();
  if (Status status = network::match_columns(model, Side::user, features, data.matched); !status) return status;
  for (std::uint32_t f = 0; f < model.features.size(); ++f) {
    const Column* const column = data.matched[f];
    if (column == nullptr) continue;
    const std::size_t rows = network::rows_of(model.features[f], *column);
    if (rows != 1) {
      const std::string_view name = model.public_features[f].name;
      return Status::error(Code::invalid_argument, "%.*s: %zu rows, a user has one", static_cast<int>(std::min<std::size_t>(name.size(), 64)), name.data(), rows);
    }
    if (Status status = network::gather(model, f, Side::user, *column, 0, data.row + model.features[f].offset); !status) {
      return status;
    }
  }
  return gather_biases(data);
}

Status gather_histories(UserState::Data& data, Columns history) noexcept {
  const network::Model& model = data.network();
  if (Status status = network::match_columns(model, Side::history, history, data.matched); !status) return status;
  for (std::size_t s = 0; s < data.stores.size(); ++s) {
    const Sequence& sequence = model.sequences[s];
    Store& store = data.stores[s];
    std::size_t rows = 0;
    if (Status status = network::count_rows(model, Side::history, static_cast<int>(s), data.matched, rows); !status) return status;
    const std::size_t first = first_kept(sequence, rows, store.capacity);
    store.history->length = std::min(rows, store.capacity);
    for (std::size_t t = 0; t < store.history->length; ++t) {
      if (Status status = gather_behavior(data, sequence, first + t, store.history->rows + t * sequence.stride); !status) {
        return status;
      }
      store.history->real[t] = is_real(data, sequence, first + t) ? 1 : 0;
    }
    count_real(*store.history);
  }
  return Status();
}

Status append_behaviors(UserState::Data& data, Columns behaviors) noexcept {
  const network::Model& model = data.network();
  if (Status status = network::match_columns(model, Side::history, behaviors, data.matched); !status) return status;
  // First a pass that only looks: an error must leave the state as it was.
  for (std::size_t s = 0; s < data.stores.size(); ++s) {
    std::size_t rows = 0;
    if (Status status = network::count_rows(model, Side::history, static_cast<int>(s), data.matched, rows); !status) return status;
    for (std::size_t row = 0; row < rows; ++row) {
      if (Status status = gather_behavior(data, model.sequences[s], row, data.stores[s].incoming); !status) return status;
    }
  }
  for (std::size_t s = 0; s < data.stores.size(); ++s) {
    std::size_t rows = 0;
    if (Status status = network::count_rows(model, Side::history, static_cast<int>(s), data.matched, rows); !status) return status;
    for (std::size_t row = 0; row < rows; ++row) {
      if (Status status = gather_behavior(data, model.sequences[s], row, data.stores[s].incoming); !status) return status;
      push(model.sequences[s], data.stores[s], is_real(data, model.sequences[s], row));
    }
    count_real(*data.stores[s].history);
  }
  return Status();
}

void refresh(UserState::Data& data) noexcept {
  const network::Model& model = data.network();
  for (std::size_t s = 0; s < data.stores.size(); ++s) {
    const std::size_t stride = model.sequences[s].stride;
    const network::History& history = data.histories[s];
    std::copy_n(data.stores[s].padding, stride, history.rows + history.length * stride);
  }
  for (std::size_t i = 0; i < model.interests.size(); ++i) {
    const network::Interest& interest = model.interests[i];
    if (data.keys[i] == nullptr) continue;
    copy_keys(interest, model.sequences[interest.sequence], data.histories[interest.sequence], data.keys[i]);
  }
  for (const network::HistorySum& sum : model.history_sums) {
    const Feature& feature = model.features[sum.feature];
    kernels::reference::history_sum(model, sum, data.histories[static_cast<std::size_t>(feature.sequence)], data.scratch);
    for (std::size_t i = 0; i < feature.width; ++i) data.row[sum.offset + i] = static_cast<float>(data.scratch[i]);
  }
  project_user_parts(data);
}

}  // namespace dinghy::scoring
