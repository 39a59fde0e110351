// A model with a memo of pairs against the same without, on every instruction set that this machine has.
#pragma once

#include <string>

namespace dinghy::converter {

/// Checks that the requests of `lines` have the same scores and attention weights, bit for bit, with an empty memo,
/// with a full one, and with one that was saved and is mapped, which computes nothing. Returns why the model takes no
/// memo; empty: it takes one.
std::string check_with_memo(const std::string& path, const std::string& lines);

}  // namespace dinghy::converter
