// Lines to a file or to standard output, with every write checked.
#pragma once

#include <cstdio>
#include <string>
#include <string_view>

namespace dinghy::converter {

class LineOutput {
 public:
  /// Opens `path`, or takes standard output when it is empty. Throws Error when it cannot be written, or is a file that
  /// was read.
  explicit LineOutput(const std::string& path);
  /// Closes the file. Whoever wants to know that all of it was written calls flush() before.
  ~LineOutput();
  LineOutput(const LineOutput&) = delete;
  LineOutput& operator=(const LineOutput&) = delete;

  /// Throws Error, for a full disk for instance.
  void write(std::string_view text);
  void flush();

 private:
  [[noreturn]] void fail() const;

  std::string name_;
  std::FILE* file_;
};

}  // namespace dinghy::converter
