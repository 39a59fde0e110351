#include "engine/json.h"

#include <cstdio>

namespace dinghy {
namespace {

/// The bytes of the character that `text` begins with; 0 where that is none of UTF-8.
std::size_t character_size(std::string_view text) noexcept {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return 1;
  const std::size_t size = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || text.size() < size) return 0;
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return 0;
  }
  if ((lead == 0xe0 && byte(1) < 0xa0) || (lead == 0xf0 && byte(1) < 0x90)) return 0;    // longer than it has to be
  if ((lead == 0xed && byte(1) >= 0xa0) || (lead == 0xf4 && byte(1) >= 0x90)) return 0;  // surrogates, behind U+10FFFF
  return size;
}

}  // namespace

void JsonWriter::key(const char* name) noexcept {
  begin_value();
  put('"');
  put(name);
  put("\":");
  comma_ = false;
}

void JsonWriter::text(std::string_view text) noexcept {
  begin_value();
  put('"');
  // Not by substr, whose error is thrown by the C++ runtime.
  for (std::string_view left = text; !left.empty();) {
    if (text.size() - left.size() >= kMostOfAText) {
      put("\\u2026");
      break;
    }
    const std::size_t size = character_size(left);
    const char c = left.front();
    char escaped[8];
    if (size == 0) {
      put("\\ufffd");
    } else if (size == 1 && static_cast<unsigned char>(c) < 0x20) {
      std::snprintf(escaped, sizeof escaped, "\\u%04x", static_cast<unsigned>(c));
      put(escaped);
    } else {
      if (c == '"' || c == '\\') put('\\');
      put({left.data(), size});
    }
    left.remove_prefix(size == 0 ? 1 : size);
  }
  put('"');
}

void JsonWriter::number(std::int64_t number) noexcept {
  char digits[24];
  std::snprintf(digits, sizeof digits, "%lld", static_cast<long long>(number));
  begin_value();
  put(digits);
}

void JsonWriter::number(std::uint64_t number) noexcept {
  char digits[24];
  std::snprintf(digits, sizeof digits, "%llu", static_cast<unsigned long long>(number));
  begin_value();
  put(digits);
}

}  // namespace dinghy
