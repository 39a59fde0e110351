// A model against golden rows, on every instruction set that this machine has.
#pragma once

#include <cstddef>
#include <string>

namespace dinghy::converter {

/// Checks that the model at `path` gives the scores and attention weights of `lines` within `tolerance`. Returns how
/// many attention weights the last instruction set was compared with.
std::size_t check_on_every_isa(const std::string& path, const std::string& lines, double tolerance);

}  // namespace dinghy::converter
