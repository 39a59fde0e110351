// Names and texts of strangers in quotes, as JSON writes them.
#pragma once

#include <string>
#include <string_view>

namespace dinghy::converter {

/// The whole text as a JSON string.
std::string json_string(std::string_view text);

/// The name as a JSON string, at most 60 bytes of it: safe in a message of one line whatever it contains.
std::string in_quotes(std::string_view name);

}  // namespace dinghy::converter
