// The order of the tower's input.
#pragma once

#include "converter/network.h"

namespace dinghy::converter {

/// Moves the tower parts that depend on the user, the context and the history alone in front of those that need the
/// candidate, with the rows of the first tower layer: the engine computes their share once per user.
void move_user_parts_first(Network& network);

}  // namespace dinghy::converter
