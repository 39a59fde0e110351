// The lines of a text, one after the other.
#pragma once

#include <cstdint>
#include <istream>
#include <memory>
#include <string>

namespace dinghy::converter {

/// Counts the lines, so that errors can name them.
class TextLines {
 public:
  static constexpr std::size_t kMostBytes = std::size_t{64} << 20;  // of a line; a file without any LF ends here

  /// A file, as open_text_file. Throws as that does.
  TextLines(const std::string& path, const std::string& what);
  /// `name` stands for the stream in errors.
  TextLines(std::unique_ptr<std::istream> stream, std::string name);

  /// The next line, without its LF; false at the end. Throws Error with the line's place when it cannot be read or is
  /// longer than kMostBytes.
  bool next(std::string& line);

  /// Of the line that came last; the first is 1.
  std::uint64_t number() const { return number_; }
  /// The place of that line, for errors: NAME:NUMBER.
  std::string where() const { return name_ + ":" + std::to_string(number_); }

 private:
  std::unique_ptr<std::istream> stream_;
  std::string name_;
  std::uint64_t number_ = 0;
};

}  // namespace dinghy::converter
