// The memory of a user state.
#pragma once

#include <cstddef>

#include "dinghy/user_state.h"
#include "engine/kernels/select.h"
#include "engine/memory/arena.h"
#include "engine/memory/array.h"
#include "engine/network/network.h"
#include "engine/network/user.h"
#include "engine/scoring/layers.h"

namespace dinghy {

struct UserState::Data {
  explicit Data(const Model& m) noexcept : model(m) {}

  Model model;  // keeps the mapping alive
  kernels::Selection kernels;
  Arena arena;
  bool ready = false;  // a set() succeeded and no later one failed

  /// What one sequence needs besides its history.
  struct Store {
    std::size_t capacity = 0;
    float* padding = nullptr;  // [stride] the padding row, and its marks
    network::RowMark* padding_marks = nullptr;
    // Behaviours of the call under way, before they become the history.
    network::RowMark* new_marks = nullptr;  // [capacity + 1][columns]
    std::uint8_t* new_real = nullptr;       // [capacity]
    std::uint32_t* borders = nullptr;       // [capacity]
  };
  Array<Store> stores;  // per sequence
  Array<network::History> histories;
  Array<float*>
      keys;  // per interest whose keys are several pieces of the behaviour row: [capacity + 1][stride], else null

  float* row = nullptr;            // the user row (network::User)
  float head_bias = 0;             // of the head's biases, those of user and context features
  float* tower_initial = nullptr;  // [stride of the tower's first layer] what the user's parts add to it, bias included

  // ---- scratch ------------------------------------------------------------------------------------------------------
  const Column** matched = nullptr;
  double* sums = nullptr;        // over the history, of one feature; on `reference` its scratch too
  float* tower_input = nullptr;  // the tower's user parts, or those of an MLP, concatenated
  scoring::LayerBuffers mlp;     // [1]

  const network::Model& network() const noexcept { return model.internal(); }
  network::User user() const noexcept { return {histories.begin(), row}; }
  /// All memory that is this state's: what is planned counts as allocated.
  std::size_t bytes() const noexcept {
    return sizeof *this + stores.bytes() + histories.bytes() + keys.bytes() + static_cast<std::size_t>(arena.bytes());
  }
};

namespace scoring {

/// Plans everything above. Errors: out_of_memory.
Status plan(UserState::Data& data, std::size_t max_history) noexcept;
/// Allocates what plan() planned. Errors: out_of_memory.
Status allocate(UserState::Data& data, std::size_t max_history) noexcept;

}  // namespace scoring

}  // namespace dinghy
