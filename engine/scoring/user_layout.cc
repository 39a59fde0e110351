#include <algorithm>

#include "engine/memory/plan.h"
#include "engine/reference/din_forward.h"
#include "engine/scoring/user_data.h"

namespace dinghy::scoring {
namespace {

using network::padded;

/// The longest input and hidden layer of the tower's user part and of the MLPs that no candidate changes.
struct UserExtents {
  std::size_t input = 0, hidden = 0;

  explicit UserExtents(const network::Model& model) noexcept : input(model.tower.user_width) {
    for (const network::Mlp& mlp : model.mlps) {
      if (!mlp.of_user) continue;
      input = std::max(input, mlp.width);
      for (const network::Layer& layer : mlp.layers) hidden = std::max<std::size_t>(hidden, layer.stride);
    }
  }
};

void place_histories(UserState::Data& data, Plan& plan) noexcept {
  const network::Model& model = data.network();
  for (std::size_t s = 0; s < data.stores.size(); ++s) {
    const network::Sequence& sequence = model.sequences[s];
    UserState::Data::Store& store = data.stores[s];
    network::History& history = data.histories[s];
    const std::size_t columns = sequence.features.size();
    plan.place(history.rows, store.capacity + 1, sequence.stride);
    plan.place(history.marks, store.capacity + 1, columns);
    plan.place(history.real, 1, store.capacity);
    plan.place(store.padding, 1, sequence.stride);
    plan.place(store.padding_marks, 1, columns);
    plan.place(store.new_marks, store.capacity + 1, columns);
    plan.place(store.new_real, 1, store.capacity);
    plan.place(store.borders, 1, store.capacity);
  }
  for (std::size_t i = 0; i < data.keys.size(); ++i) {
    const network::Interest& interest = model.interests[i];
    if (interest.keys_contiguous()) continue;
    plan.place(data.keys[i], data.stores[interest.sequence].capacity + 1, interest.stride);
  }
}

void place_all(UserState::Data& data, Plan& plan) noexcept {
  const network::Model& model = data.network();
  place_histories(data, plan);
  const UserExtents extents(model);
  std::size_t widest = 1;
  for (const network::Feature& feature : model.features) widest = std::max<std::size_t>(widest, feature.width);
  const bool by_reference = data.kernels.simd == nullptr;
  plan.place(data.row, 1, padded(model.user_width));
  plan.place(data.tower_initial, 1, model.tower.hidden[0].stride);
  plan.place(data.matched, 1, model.features.size());
  plan.place(data.sums, 1, std::max(widest, by_reference ? reference::user_scratch_size(model) : 0));
  plan.place(data.tower_input, 1, padded(extents.input));
  data.mlp.stride = extents.hidden;
  plan.place(data.mlp.first, 1, extents.hidden);
  plan.place(data.mlp.second, 1, extents.hidden);
}

Status no_memory(std::size_t max_history) noexcept {
  return Status::error(Code::out_of_memory, "no memory for a user state of %zu behaviours", max_history);
}

}  // namespace

Status plan(UserState::Data& data, std::size_t max_history) noexcept {
  const network::Model& model = data.network();
  if (!data.stores.allocate(model.sequences.size()) || !data.histories.allocate(model.sequences.size()) ||
      !data.keys.allocate(model.interests.size())) {
    return no_memory(max_history);
  }
  for (std::size_t s = 0; s < data.stores.size(); ++s) {
    const std::size_t longest = model.sequences[s].max_length;
    data.stores[s].capacity = longest == 0 ? max_history : std::min(longest, max_history);
  }
  Plan plan(data.arena);
  place_all(data, plan);
  return data.arena.fits() ? Status() : no_memory(max_history);
}

Status allocate(UserState::Data& data, std::size_t max_history) noexcept {
  if (!data.arena.allocate()) return no_memory(max_history);
  Plan plan(data.arena);
  place_all(data, plan);
  return Status();
}

}  // namespace dinghy::scoring
