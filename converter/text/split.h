// A text in parts.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace dinghy::converter {

/// What stands between the separators: one more than there are of them.
std::vector<std::string> split(std::string_view text, char separator);

}  // namespace dinghy::converter
