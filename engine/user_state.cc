#include "dinghy/user_state.h"

#include <algorithm>
#include <new>
#include <utility>

#include "engine/network/gather.h"
#include "engine/scoring/user_data.h"
#include "engine/scoring/user_update.h"

namespace dinghy {
namespace {

// Histories longer than any that a format field can state: a bound for the plan's arithmetic.
constexpr std::size_t kMaxHistory = std::size_t{1} << 20;

std::size_t capacity_of(const network::Sequence& sequence, std::size_t max_history) noexcept {
  return sequence.max_length == 0 ? max_history : std::min<std::size_t>(sequence.max_length, max_history);
}

/// Plans the arena, allocates it and sets the pointers.
Status lay_out(UserState::Data& data, std::size_t max_history) noexcept {
  const network::Model& model = data.network();
  const Status no_memory = Status::error(Code::out_of_memory, "no memory for a user state of %zu behaviours", max_history);
  Array<Slot<float>> rows, padding, incoming, keys;
  Array<Slot<std::uint8_t>> real;
  const std::size_t sequences = model.sequences.size(), interests = model.interests.size();
  if (!data.stores.allocate(sequences) || !data.histories.allocate(sequences) || !data.keys.allocate(interests) ||
      !rows.allocate(sequences) || !padding.allocate(sequences) || !incoming.allocate(sequences) ||
      !real.allocate(sequences) || !keys.allocate(interests)) {
    return no_memory;
  }
  Arena& arena = data.arena;
  for (std::size_t s = 0; s < sequences; ++s) {
    const network::Sequence& sequence = model.sequences[s];
    data.stores[s].capacity = capacity_of(sequence, max_history);
    rows[s] = arena.reserve<float>(data.stores[s].capacity + 1, sequence.stride);
    padding[s] = arena.reserve<float>(sequence.stride);
    incoming[s] = arena.reserve<float>(sequence.stride);
    real[s] = arena.reserve<std::uint8_t>(data.stores[s].capacity);
  }
  for (std::size_t i = 0; i < interests; ++i) {
    const network::Interest& interest = model.interests[i];
    if (!interest.keys_contiguous()) {
      keys[i] = arena.reserve<float>(data.stores[interest.sequence].capacity + 1, interest.stride);
    }
  }
  std::size_t widest = 1;
  for (const network::Feature& feature : model.features) widest = std::max<std::size_t>(widest, feature.width);
  const network::Layer& first = model.tower.hidden[0];
  const auto matched = arena.reserve<const Column*>(model.features.size());
  const auto row = arena.reserve<float>(network::padded(model.user_width));
  const auto scratch = arena.reserve<double>(std::max(widest, model.tower.user_width + first.out));
  const auto tower_input = arena.reserve<float>(network::padded(model.tower.user_width));
  const auto tower_initial = arena.reserve<float>(first.stride);
  if (!arena.allocate()) return no_memory;

  for (std::size_t s = 0; s < sequences; ++s) {
    data.histories[s] = {arena.at(rows[s]), arena.at(real[s]), 0, 0};
    data.stores[s].history = &data.histories[s];
    data.stores[s].padding = arena.at(padding[s]);
    data.stores[s].incoming = arena.at(incoming[s]);
  }
  for (std::size_t i = 0; i < interests; ++i) {
    data.keys[i] = model.interests[i].keys_contiguous() ? nullptr : arena.at(keys[i]);
  }
  data.matched = arena.at(matched);
  data.row = arena.at(row);
  data.scratch = arena.at(scratch);
  data.tower_input = arena.at(tower_input);
  data.tower_initial = arena.at(tower_initial);
  return Status();
}

void gather_padding_rows(UserState::Data& data) noexcept {
  const network::Model& model = data.network();
  for (std::size_t s = 0; s < data.stores.size(); ++s) {
    for (const std::uint32_t f : model.sequences[s].features) {
      network::gather_padding(model.features[f], data.stores[s].padding + model.features[f].history_offset);
    }
  }
}

}  // namespace

Result<UserState> UserState::create(const Model& model, const UserOptions& options) noexcept {
  if (options.max_history > kMaxHistory) {
    return Status::error(Code::invalid_argument, "max_history %zu is over %zu", options.max_history, kMaxHistory);
  }
  kernels::Selection selection;
  if (Status status = kernels::select(options.isa, selection); !status) return status;
  UserState state(new (std::nothrow) Data(model));
  if (state.data_ == nullptr) return Status::error(Code::out_of_memory, "no memory for a user state");
  state.data_->kernels = selection;
  if (Status status = lay_out(*state.data_, options.max_history); !status) return status;
  gather_padding_rows(*state.data_);
  return state;
}

UserState::UserState(UserState&& other) noexcept : data_(std::exchange(other.data_, nullptr)) {}

UserState& UserState::operator=(UserState&& other) noexcept {
  std::swap(data_, other.data_);
  return *this;
}

UserState::~UserState() { delete data_; }

Status UserState::set(Columns features, Columns history) noexcept {
  data_->ready = false;
  if (Status status = scoring::gather_user(*data_, features); !status) return status;
  if (Status status = scoring::gather_histories(*data_, history); !status) return status;
  scoring::refresh(*data_);
  data_->ready = true;
  return Status();
}

Status UserState::append(Columns behaviors) noexcept {
  if (!data_->ready) return Status::error(Code::invalid_argument, "append() needs a user: call set() first");
  if (Status status = scoring::append_behaviors(*data_, behaviors); !status) return status;
  scoring::refresh(*data_);
  return Status();
}

std::size_t UserState::history_length(std::size_t interest) const noexcept {
  const network::Model& model = data_->network();
  return interest < model.interests.size() ? data_->histories[model.interests[interest].sequence].length : 0;
}

}  // namespace dinghy
