// A checkpoint that nobody has to trust, read to the last number.
#pragma once

#include <string>

namespace dinghy::fuzz {

/// Reads it, and the values of its tensors. An Error is fine; any other exception leaves this call, as a finding.
void read_hostile(const std::string& path);

}  // namespace dinghy::fuzz
