// Numbers as text that reads back to the same number: the shortest such decimal.
#pragma once

#include <charconv>
#include <string>

namespace dinghy::converter {

/// Appends a finite float or double as JSON writes numbers.
template <class Number>
void append_number(std::string& text, Number number) {
  char buffer[32];
  text.append(buffer, std::to_chars(buffer, buffer + sizeof(buffer), number).ptr);
}

template <class Number>
std::string number_text(Number number) {
  std::string text;
  append_number(text, number);
  return text;
}

}  // namespace dinghy::converter
