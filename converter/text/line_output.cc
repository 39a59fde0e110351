#include "converter/text/line_output.h"

#include <cerrno>
#include <cstring>

#include "converter/error.h"
#include "converter/input_file.h"

namespace dinghy::converter {

LineOutput::LineOutput(const std::string& path) : name_(path.empty() ? "standard output" : path), file_(stdout) {
  if (path.empty()) return;
  refuse_input_as_output(path);  // opening it empties it, and a mapped model that shrinks ends the process
  file_ = std::fopen(path.c_str(), "w");
  if (!file_) fail();
}

LineOutput::~LineOutput() {
  if (file_ == stdout) {
    std::fflush(file_);
  } else {
    std::fclose(file_);
  }
}

void LineOutput::write(std::string_view text) {
  if (std::fwrite(text.data(), 1, text.size(), file_) != text.size()) fail();
}

void LineOutput::flush() {
  if (std::fflush(file_) != 0) fail();
}

void LineOutput::fail() const { throw Error(name_, std::string("cannot be written: ") + std::strerror(errno)); }

}  // namespace dinghy::converter
