// Names with "*" for any number of any characters.
#pragma once

#include <string>
#include <string_view>

namespace dinghy::converter {

inline bool is_pattern(std::string_view text) { return text.find('*') != std::string_view::npos; }

/// Whether the whole name is what the pattern says.
bool matches(std::string_view pattern, std::string_view name);

}  // namespace dinghy::converter
