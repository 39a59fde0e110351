// A bound for JSON that nobody has to trust: the parser takes any depth, but copying and writing a value is recursive.
#pragma once

#include <string>
#include <string_view>

namespace dinghy::converter {

/// Throws Error at `where` when `text` nests deeper than 64 arrays and objects; packages write a dozen.
void check_json_depth(std::string_view text, const std::string& where);

}  // namespace dinghy::converter
