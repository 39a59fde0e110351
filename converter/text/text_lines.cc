#include "converter/text/text_lines.h"

#include <array>
#include <utility>

#include "converter/error.h"
#include "converter/text/text_file.h"

namespace dinghy::converter {

TextLines::TextLines(const std::string& path, const std::string& what) : TextLines(open_text_file(path, what), path) {}

TextLines::TextLines(std::unique_ptr<std::istream> stream, std::string name)
    : stream_(std::move(stream)), name_(std::move(name)) {}

bool TextLines::next(std::string& line) {
  line.clear();
  ++number_;
  std::array<char, 1 << 16> part;
  bool ended = false;
  while (!ended) {  // std::getline would read a stream without LF until memory is full
    stream_->getline(part.data(), part.size());
    const auto got = static_cast<std::size_t>(stream_->gcount());
    if (stream_->bad()) throw Error(where(), "cannot be read");
    ended = !stream_->fail() || stream_->eof();
    const bool has_end = ended && !stream_->eof();  // getline() counts the LF that it took
    line.append(part.data(), has_end ? got - 1 : got);
    if (line.size() > kMostBytes) throw Error(where(), "is a line of over 64 MB, which no text has");
    if (ended && got == 0) {
      --number_;
      return false;
    }
    if (!ended) stream_->clear();  // the part was full
  }
  return true;
}

}  // namespace dinghy::converter
