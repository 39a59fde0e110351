// What engine/network/network.h says of a model that opened, as checks. A place outside its row is mostly inside the
// memory of the state or scorer, where no sanitizer sees it.
#pragma once

#include "engine/network/network.h"

namespace dinghy::fuzz {

/// Ends the process with a line that says which part of the network lies outside the row that it is cut from, or takes
/// values that its feature has none of.
void check_places(const network::Model& model);

}  // namespace dinghy::fuzz
