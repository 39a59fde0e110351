#include "converter/presets/codes/python_literal.h"

#include <array>
#include <cctype>
#include <utility>

#include "converter/text/quotes.h"

namespace dinghy::converter {
namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 3> kWords{
    {{"None", "null"}, {"True", "true"}, {"False", "false"}}};

class Translation {
 public:
  explicit Translation(std::string_view text) : rest_(text) {}

  std::optional<std::string> run() {
    while (!rest_.empty()) {
      const char next = rest_.front();
      const bool known = next == '\'' || next == '"'                      ? quoted()
                         : std::isalpha(static_cast<unsigned char>(next)) ? word()
                                                                          : other();
      if (!known) return std::nullopt;
    }
    return std::move(json_);
  }

 private:
  bool quoted() {
    const char quote = take();
    std::string content;
    while (!rest_.empty() && rest_.front() != quote) {
      if (rest_.front() != '\\') {
        content += take();
        continue;
      }
      take();
      if (rest_.empty() || (rest_.front() != '\\' && rest_.front() != '\'' && rest_.front() != '"')) return false;
      content += take();
    }
    if (rest_.empty()) return false;
    take();
    json_ += json_string(content);
    return true;
  }

  bool word() {
    for (const auto& [python, json] : kWords) {
      if (!rest_.starts_with(python)) continue;
      rest_.remove_prefix(python.size());
      json_ += json;
      return true;
    }
    // The exponent of a number.
    if (rest_.front() != 'e' || json_.empty() || !std::isdigit(static_cast<unsigned char>(json_.back()))) return false;
    json_ += take();
    return true;
  }

  bool other() {
    const char next = take();
    if (next == '(') {
      json_ += '[';
    } else if (next == ')' || next == ']') {
      if (json_.ends_with(',')) json_.pop_back();  // ('item',) is a tuple of one
      json_ += ']';
    } else if (!std::isspace(static_cast<unsigned char>(next))) {
      json_ += next;
    }
    return true;
  }

  char take() {
    const char next = rest_.front();
    rest_.remove_prefix(1);
    return next;
  }

  std::string_view rest_;
  std::string json_;
};

}  // namespace

std::optional<std::string> json_of_python(std::string_view text) { return Translation(text).run(); }

}  // namespace dinghy::converter
