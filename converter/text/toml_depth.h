// A bound for TOML that nobody has to trust: the parser makes a table of each part of a dotted key, and frees them by
// recursion.
#pragma once

#include <string>
#include <string_view>

namespace dinghy::converter {

/// Throws Error at the line of `path` where `text` nests deeper than 64 tables and lists, by brackets or by dots; a
/// recipe nests four deep.
void check_toml_depth(std::string_view text, const std::string& path);

}  // namespace dinghy::converter
