#include "dinghy/user_state.h"

#include <algorithm>
#include <utility>

#include "engine/kernels/float_environment.h"
#include "engine/memory/owned.h"
#include "engine/network/gather.h"
#include "engine/scoring/bounds.h"
#include "engine/scoring/history_update.h"
#include "engine/scoring/user_data.h"
#include "engine/scoring/user_update.h"

namespace dinghy {
namespace {

using scoring::kMaxHistory;

std::size_t capacity_of(const network::Sequence& sequence, std::size_t max_history) noexcept {
  return sequence.max_length == 0 ? max_history : std::min<std::size_t>(sequence.max_length, max_history);
}

/// Plans the arena, allocates it and sets the pointers.
Status lay_out(UserState::Data& data, std::size_t max_history) noexcept {
  const network::Model& model = data.network();
  const Status no_memory =
      Status::error(Code::out_of_memory, "no memory for a user state of %zu behaviours", max_history);
  using Tokens = Slot<const std::byte*>;
  Array<Slot<float>> rows, padding, keys;
  Array<Tokens> tokens, padding_tokens, new_tokens;
  Array<Slot<std::uint8_t>> real, new_real;
  Array<Slot<std::uint32_t>> borders;
  const std::size_t sequences = model.sequences.size(), interests = model.interests.size();
  if (!data.stores.allocate(sequences) || !data.histories.allocate(sequences) || !data.keys.allocate(interests) ||
      !rows.allocate(sequences) || !padding.allocate(sequences) || !borders.allocate(sequences) ||
      !tokens.allocate(sequences) || !padding_tokens.allocate(sequences) || !new_tokens.allocate(sequences) ||
      !real.allocate(sequences) || !new_real.allocate(sequences) || !keys.allocate(interests)) {
    return no_memory;
  }
  Arena& arena = data.arena;
  for (std::size_t s = 0; s < sequences; ++s) {
    const network::Sequence& sequence = model.sequences[s];
    const std::size_t capacity = capacity_of(sequence, max_history), columns = sequence.features.size();
    data.stores[s].capacity = capacity;
    rows[s] = arena.reserve<float>(capacity + 1, sequence.stride);
    tokens[s] = arena.reserve<const std::byte*>(capacity + 1, columns);
    real[s] = arena.reserve<std::uint8_t>(capacity);
    padding[s] = arena.reserve<float>(sequence.stride);
    padding_tokens[s] = arena.reserve<const std::byte*>(columns);
    new_tokens[s] = arena.reserve<const std::byte*>(capacity + 1, columns);
    new_real[s] = arena.reserve<std::uint8_t>(capacity);
    borders[s] = arena.reserve<std::uint32_t>(capacity);
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
  std::size_t input = model.tower.user_width;
  for (const network::Mlp& mlp : model.mlps) {
    if (!mlp.of_user) continue;
    input = std::max(input, mlp.width);
    for (const network::Layer& layer : mlp.layers)
      data.mlp_stride = std::max<std::size_t>(data.mlp_stride, layer.stride);
  }
  const auto scratch =
      arena.reserve<double>(std::max(widest, input + std::max<std::size_t>(first.out, 2 * data.mlp_stride)));
  const auto tower_input = arena.reserve<float>(network::padded(input));
  const auto mlp_hidden = arena.reserve<float>(data.mlp_stride);
  const auto mlp_spare = arena.reserve<float>(data.mlp_stride);
  const auto tower_initial = arena.reserve<float>(first.stride);
  if (!arena.allocate()) return no_memory;

  for (std::size_t s = 0; s < sequences; ++s) {
    data.histories[s].rows = arena.at(rows[s]);
    data.histories[s].tokens = arena.at(tokens[s]);
    data.histories[s].real = arena.at(real[s]);
    data.stores[s].padding = arena.at(padding[s]);
    data.stores[s].padding_tokens = arena.at(padding_tokens[s]);
    data.stores[s].new_tokens = arena.at(new_tokens[s]);
    data.stores[s].new_real = arena.at(new_real[s]);
    data.stores[s].borders = arena.at(borders[s]);
  }
  for (std::size_t i = 0; i < interests; ++i) {
    data.keys[i] = model.interests[i].keys_contiguous() ? nullptr : arena.at(keys[i]);
  }
  data.matched = arena.at(matched);
  data.row = arena.at(row);
  data.scratch = arena.at(scratch);
  data.tower_input = arena.at(tower_input);
  data.mlp_hidden = arena.at(mlp_hidden);
  data.mlp_spare = arena.at(mlp_spare);
  data.tower_initial = arena.at(tower_initial);
  return Status();
}

Status moved_from() noexcept { return Status::error(Code::invalid_argument, "the user state was moved from"); }

void gather_padding_rows(UserState::Data& data) noexcept {
  const network::Model& model = data.network();
  for (std::size_t s = 0; s < data.stores.size(); ++s) {
    for (std::size_t c = 0; c < model.sequences[s].features.size(); ++c) {
      const network::Feature& feature = model.features[model.sequences[s].features[c]];
      data.stores[s].padding_tokens[c] = network::padding_row(feature);
      network::copy_padding(feature, data.kernels.simd, data.stores[s].padding + feature.history_offset);
    }
  }
}

}  // namespace

Result<UserState> UserState::create(const Model& model, const UserOptions& options) noexcept {
  const kernels::FloatEnvironment floats;
  if (options.max_history > kMaxHistory) {
    return Status::error(Code::invalid_argument, "max_history %zu is over %zu", options.max_history, kMaxHistory);
  }
  kernels::Selection selection;
  if (Status status = kernels::select(options.isa, selection); !status) return status;
  UserState state(make<Data>(model));
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

UserState::~UserState() { destroy(data_); }

Status UserState::set(Columns features, Columns history) noexcept {
  if (data_ == nullptr) return moved_from();
  const kernels::FloatEnvironment floats;
  data_->ready = false;
  if (Status status = scoring::gather_user(*data_, features); !status) return status;
  if (Status status = scoring::replace_histories(*data_, history); !status) return status;
  scoring::refresh(*data_);
  data_->ready = true;
  return Status();
}

Status UserState::append(Columns behaviors) noexcept {
  if (data_ == nullptr) return moved_from();
  const kernels::FloatEnvironment floats;
  if (!data_->ready) return Status::error(Code::invalid_argument, "append() needs a user: call set() first");
  if (Status status = scoring::append_behaviors(*data_, behaviors); !status) return status;
  scoring::refresh(*data_);
  return Status();
}

std::size_t UserState::history_length(std::size_t interest) const noexcept {
  if (data_ == nullptr) return 0;
  const network::Model& model = data_->network();
  return interest < model.interests.size() ? data_->histories[model.interests[interest].sequence].length : 0;
}

}  // namespace dinghy
