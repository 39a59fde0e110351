#include "converter/text/toml_depth.h"

#include <algorithm>
#include <vector>

#include "converter/error.h"

namespace dinghy::converter {
namespace {

constexpr std::size_t kMaxDepth = 64;

class DepthScan {
 public:
  DepthScan(std::string_view text, const std::string& path) : text_(text), path_(path) {}

  void run() {
    for (at_ = 0; at_ < text_.size(); ++at_) step(text_[at_]);
  }

 private:
  void step(char c) {
    if (c == '"' || c == '\'') return skip_string(c);
    if (c == '#') return skip_comment();
    if (c == '\n') return end_line();
    if (c == '[' && open_.empty() && at_line_start_) {
      header_ = 0;
      in_header_ = true;
    }
    if (c != ' ' && c != '\t') at_line_start_ = false;
    if (c == '.') deepen();
    if (in_header_) return;
    if (c == '[' || c == '{') {
      deepen();
      open_.push_back(depth_);
    }
    if (c == ',') depth_ = floor();
    if ((c == ']' || c == '}') && !open_.empty()) {
      open_.pop_back();
      depth_ = floor();
    }
  }

  // Where the innermost bracket, or the header, has led.
  std::size_t floor() const { return open_.empty() ? header_ : open_.back(); }

  void deepen() {
    if (++(in_header_ ? header_ : depth_) <= kMaxDepth) return;
    const auto line = std::count(text_.begin(), text_.begin() + static_cast<std::ptrdiff_t>(at_), '\n') + 1;
    throw Error(path_ + ":" + std::to_string(line), "nests deeper than 64 tables and lists; a recipe nests four deep");
  }

  void end_line() {
    in_header_ = false;
    at_line_start_ = true;
    depth_ = floor();
  }

  void skip_comment() { at_ = std::min(text_.find('\n', at_), text_.size()) - 1; }

  // To the last quote, of a string of one line or of many.
  void skip_string(char quote) {
    const std::string_view three = quote == '"' ? "\"\"\"" : "'''";
    const std::string_view end = text_.substr(at_, 3) == three ? three : three.substr(0, 1);
    for (at_ += end.size(); at_ < text_.size() && text_.substr(at_, end.size()) != end; ++at_) {
      if (quote == '"' && text_[at_] == '\\') ++at_;
      if (end.size() == 1 && at_ < text_.size() && text_[at_] == '\n') return end_line();  // an error to the parser
    }
    at_ += end.size() - 1;
    // What ends in three quotes may hold two more before them.
    for (int more = 0;
         more < 2 && end.size() == 3 && text_.substr(std::min(at_ + 1, text_.size()), 1) == end.substr(0, 1); ++more)
      ++at_;
    // What ends in three quotes may hold two more before them.
    for (int more = 0;
         more < 2 && end.size() == 3 && text_.substr(std::min(at_ + 1, text_.size()), 1) == end.substr(0, 1); ++more)
      ++at_;
  }

  std::string_view text_;
  const std::string& path_;
  std::size_t at_ = 0, header_ = 0, depth_ = 0;
  std::vector<std::size_t> open_;  // of each open bracket the depth in it
  bool at_line_start_ = true, in_header_ = false;
};

}  // namespace

void check_toml_depth(std::string_view text, const std::string& path) { DepthScan(text, path).run(); }

}  // namespace dinghy::converter
