#include "converter/text/number_text.h"

#include <cstdio>

namespace dinghy::converter {

std::string short_number(double number) {
  char text[32];
  std::snprintf(text, sizeof(text), "%.2g", number);
  return text;
}

std::string hex_byte(unsigned char byte) {
  constexpr char kDigits[] = "0123456789abcdef";
  return {kDigits[byte >> 4], kDigits[byte & 15]};
}

std::string hex_text(std::uint64_t number) {
  char text[17];
  std::snprintf(text, sizeof(text), "%016llx", static_cast<unsigned long long>(number));
  return text;
}

std::string bytes_text(std::uint64_t bytes) {
  const char* unit = "B";
  auto size = static_cast<double>(bytes);
  for (const char* next : {"KB", "MB", "GB"}) {
    if (size < 10000) break;
    size /= 1000;
    unit = next;
  }
  return std::to_string(static_cast<std::uint64_t>(size + 0.5)) + ' ' + unit;
}

}  // namespace dinghy::converter
