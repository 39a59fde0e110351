// Numbers as text: exact for programs, short for people.
#pragma once

#include <charconv>
#include <cstdint>
#include <string>

namespace dinghy::converter {

/// Appends a finite float or double as JSON writes numbers: the shortest text that reads back to the same number.
template <class Number>
void append_number(std::string& text, Number number) {
  char buffer[32];
  text.append(buffer, std::to_chars(buffer, buffer + sizeof(buffer), number).ptr);
}

/// The same as a string of its own.
template <class Number>
std::string number_text(Number number) {
  std::string text;
  append_number(text, number);
  return text;
}

/// Two digits of a distance: "4.2e-07".
std::string short_number(double number);

/// "0f"
std::string hex_byte(unsigned char byte);

/// "00ff00ff00ff00ff"
std::string hex_text(std::uint64_t number);

/// "416 B", "244 KB": at most four digits, units of 1000.
std::string bytes_text(std::uint64_t bytes);

}  // namespace dinghy::converter
