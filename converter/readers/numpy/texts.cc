#include "converter/readers/numpy/texts.h"

#include <charconv>
#include <cstdint>

#include "converter/error.h"

namespace dinghy::converter {

std::string utf8_of_utf32(std::span<const std::byte> characters, const std::string& where) {
  std::string text;
  for (std::size_t i = 0; i + 4 <= characters.size(); i += 4) {
    const auto byte = [&](std::size_t k) { return static_cast<std::uint32_t>(characters[i + k]); };
    const std::uint32_t code = byte(0) | byte(1) << 8 | byte(2) << 16 | byte(3) << 24;
    if (code == 0) break;
    if (code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) {
      throw Error(where, "holds a character that is none: the file is damaged");
    }
    const auto tail = [&](unsigned shift) { text += static_cast<char>(0x80 | ((code >> shift) & 0x3f)); };
    if (code < 0x80) {
      text += static_cast<char>(code);
    } else if (code < 0x800) {
      text += static_cast<char>(0xc0 | code >> 6);
      tail(0);
    } else if (code < 0x10000) {
      text += static_cast<char>(0xe0 | code >> 12);
      tail(6), tail(0);
    } else {
      text += static_cast<char>(0xf0 | code >> 18);
      tail(12), tail(6), tail(0);
    }
  }
  return text;
}

std::optional<std::size_t> width_of_texts(std::string_view descr) {
  if (!descr.starts_with("<U")) return std::nullopt;
  std::size_t width = 0;
  const auto [stop, error] = std::from_chars(descr.data() + 2, descr.data() + descr.size(), width);
  if (error != std::errc() || stop != descr.data() + descr.size() || width > (1u << 20)) return std::nullopt;
  return width;
}

}  // namespace dinghy::converter
