// The steps of bind() that have files of their own. Each returns false when there is no memory.
#pragma once

#include "engine/network/bind_layers.h"

namespace dinghy::network {

/// Interests with their fields, layers and folded first layers; needs bound features and sequences.
bool bind_interests(Model& model, OwnedFloats& owned) noexcept;

/// MLPs before the tower, the tower's parts (sums over the history get their places in the user row) and layers, and
/// the head; needs bound interests.
bool bind_tower(Model& model, OwnedFloats& owned) noexcept;

}  // namespace dinghy::network
