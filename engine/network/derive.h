// What is computed once per model, from a network that was read: the folded first layers, the last layers as vectors,
// zeros for layers without a bias, hidden layers in integers.
#pragma once

#include "dinghy/status.h"
#include "engine/network/network.h"

namespace dinghy::network {

/// Fills what read_network() leaves open, in memory of `model.owned` and of a few arrays. Errors: out_of_memory.
Status derive(Model& model) noexcept;

}  // namespace dinghy::network
