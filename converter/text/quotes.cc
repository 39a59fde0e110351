#include "converter/text/quotes.h"

#include "converter/text/number_text.h"

namespace dinghy::converter {
namespace {

/// What stands between the quotes.
std::string escaped(std::string_view text) {
  std::string result;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      result += {'\\', c};
    } else if (byte < 0x20 || byte == 0x7f) {
      result += "\\u00" + hex_byte(byte);
    } else {
      result += c;
    }
  }
  return result;
}

}  // namespace

std::string json_string(std::string_view text) { return '"' + escaped(text) + '"'; }

std::string in_quotes(std::string_view name) {
  constexpr std::size_t kLongest = 60;
  return '"' + escaped(name.substr(0, kLongest)) + (name.size() > kLongest ? "…\"" : "\"");
}

}  // namespace dinghy::converter
