// Names go into messages, reports and JSON: only well-formed text may become one.
#pragma once

#include <string>
#include <string_view>

namespace dinghy::converter {

bool is_utf8(std::string_view text);

/// The text with U+FFFD in place of each byte that is no UTF-8.
std::string as_utf8(std::string_view text);

}  // namespace dinghy::converter
