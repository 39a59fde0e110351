// The order in which a code puts [q, k, q-k, q*k] side by side.
#pragma once

#include <string>
#include <vector>

#include "converter/network.h"

namespace dinghy::converter {

/// Turns the first weight of an attention that takes `parts` ("q", "k", "q-k" or "k-q", "q*k", each at most once) into
/// one that takes q, k, q-k, q*k: rows change places, k-q changes their sign, a part that is not there gets zeros.
/// Throws Error at `where` for other parts.
void order_parts(Matrix& weight, const std::vector<std::string>& parts, std::size_t width, const std::string& where);

}  // namespace dinghy::converter
