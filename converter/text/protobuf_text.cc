#include "converter/text/protobuf_text.h"

#include <algorithm>
#include <charconv>

#include "converter/error.h"

namespace dinghy::converter {
namespace {

constexpr int kMaxDepth = 64;

class Parser {
 public:
  Parser(std::string_view text, const std::string& where) : text_(text), where_(where) {}

  // The fields up to `end`, or up to the end of the text where it is 0.
  std::vector<ProtobufText> fields(char end, int depth) {
    if (depth > kMaxDepth) fail("messages nested deeper than 64");
    std::vector<ProtobufText> result;
    while (true) {
      skip_spaces();
      if (at_ == text_.size()) {
        if (end != 0) fail(std::string("no ") + end + " at the end of a message");
        return result;
      }
      if (end != 0 && text_[at_] == end) {
        ++at_;
        return result;
      }
      field(result, depth);
      skip_spaces();
      if (peek() == ',' || peek() == ';') ++at_;
    }
  }

 private:
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }

  void skip_spaces() {
    while (at_ < text_.size()) {
      if (text_[at_] == '#') {
        at_ = std::min(text_.find('\n', at_), text_.size());
      } else if (std::string_view(" \t\r\n").find(text_[at_]) != std::string_view::npos) {
        ++at_;
      } else {
        return;
      }
    }
  }

  static bool is_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' ||
           c == '-' || c == '+';
  }

  std::string word() {
    const std::size_t begin = at_;
    while (at_ < text_.size() && is_word(text_[at_])) ++at_;
    if (at_ == begin) fail("neither a name nor a value");
    return std::string(text_.substr(begin, at_ - begin));
  }

  void field(std::vector<ProtobufText>& out, int depth) {
    const std::string name = word();
    skip_spaces();
    const bool colon = peek() == ':';
    if (colon) {
      ++at_;
      skip_spaces();
    }
    if (peek() != '[') return one(name, colon, out, depth);
    ++at_;
    for (skip_spaces(); peek() != ']'; skip_spaces()) {
      one(name, true, out, depth);
      skip_spaces();
      if (peek() == ',') ++at_;
    }
    ++at_;
  }

  void one(const std::string& name, bool colon, std::vector<ProtobufText>& out, int depth) {
    if (peek() == '{' || peek() == '<') {
      const char end = text_[at_++] == '{' ? '}' : '>';
      out.push_back({name, "", fields(end, depth + 1)});
    } else if (colon) {
      out.push_back({name, value(), {}});
    } else {
      fail("neither ':' nor '{' behind " + name);
    }
  }

  std::string value() {
    if (peek() != '"' && peek() != '\'') return word();
    std::string text;
    while (peek() == '"' || peek() == '\'') {  // texts side by side are one
      quoted(text);
      skip_spaces();
    }
    return text;
  }

  void quoted(std::string& out) {
    const char quote = text_[at_++];
    for (; peek() != quote; ++at_) {
      if (at_ == text_.size() || peek() == '\n') fail("a text without its closing quote");
      if (peek() != '\\') {
        out += peek();
        continue;
      }
      ++at_;
      out += escaped();
    }
    ++at_;
  }

  // Leaves at_ at the last character of the escape.
  char escaped() {
    if (peek() == 'x') return number(at_ + 1, 2, 16);
    if (peek() >= '0' && peek() <= '7') return number(at_, 3, 8);
    const std::size_t known = std::string_view("nrt\\'\"").find(peek());
    if (at_ == text_.size() || known == std::string_view::npos) fail("an escape that is not known");
    return "\n\r\t\\'\""[known];
  }

  // \035 or \x1d: separators of features are no characters that people write.
  char number(std::size_t begin, std::size_t most, int base) {
    const char* const first = text_.data() + std::min(begin, text_.size());
    const char* const last = first + std::min(most, text_.size() - std::min(begin, text_.size()));
    unsigned value = 0;
    const auto [stop, error] = std::from_chars(first, last, value, base);
    if (error != std::errc() || value > 255) fail("an escape that is not known");
    at_ = static_cast<std::size_t>(stop - text_.data()) - 1;
    return static_cast<char>(value);
  }

  [[noreturn]] void fail(const std::string& what) const {
    const auto line = 1 + std::count(text_.begin(), text_.begin() + static_cast<std::ptrdiff_t>(at_), '\n');
    throw Error(where_,
                "line " + std::to_string(line) + ": " + what + "; it is no configuration in protobuf's text form");
  }

  std::string_view text_;
  const std::string& where_;
  std::size_t at_ = 0;
};

}  // namespace

const ProtobufText* ProtobufText::find(std::string_view path) const {
  const std::size_t dot = path.find('.');
  const auto found = std::ranges::find(fields, path.substr(0, dot), &ProtobufText::name);
  if (found == fields.end()) return nullptr;
  return dot == std::string_view::npos ? &*found : found->find(path.substr(dot + 1));
}

std::vector<const ProtobufText*> ProtobufText::all(std::string_view field) const {
  std::vector<const ProtobufText*> found;
  for (const ProtobufText& candidate : fields) {
    if (candidate.name == field) found.push_back(&candidate);
  }
  return found;
}

std::string ProtobufText::text(std::string_view path, const std::string& otherwise) const {
  const ProtobufText* found = find(path);
  return found ? found->value : otherwise;
}

ProtobufText parse_protobuf_text(std::string_view text, const std::string& where) {
  return {"", "", Parser(text, where).fields(0, 0)};
}

}  // namespace dinghy::converter
