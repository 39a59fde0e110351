#include "converter/text/text_file.h"

#include <unistd.h>

#include <array>
#include <cerrno>
#include <span>
#include <streambuf>
#include <string_view>
#include <system_error>
#include <utility>

#include "converter/error.h"

namespace dinghy::converter {
namespace {

constexpr std::string_view kMark = "\xef\xbb\xbf";  // of UTF-8
constexpr std::array<std::string_view, 2> kWideMarks{"\xff\xfe", "\xfe\xff"};

/// Drops the mark at the front and the CR of each CR LF; a CR by itself is text.
class FileBuffer : public std::streambuf {
 public:
  /// Throws Error at `path` for UTF-16, of which every reader would make other nonsense.
  FileBuffer(InputFile file, const std::string& path) : file_(std::move(file)) {
    try {
      while (size_ < kMark.size() && read_more()) continue;
    } catch (const std::system_error&) {
      return;  // that the reader meets again
    }
    const std::string_view head(bytes_.data() + 1, size_);
    for (const std::string_view mark : kWideMarks) {
      if (head.starts_with(mark)) throw Error(path, "is UTF-16; save it as UTF-8");
    }
    if (head.starts_with(kMark)) begin_ = kMark.size();
  }

 private:
  int_type underflow() override {
    while (begin_ < size_ || read_more()) {
      const std::span<char> text = without_returns();
      if (text.empty()) continue;
      setg(text.data(), text.data(), text.data() + text.size());
      return traits_type::to_int_type(text[0]);
    }
    if (!std::exchange(return_waits_, false)) return traits_type::eof();
    bytes_[0] = '\r';
    setg(bytes_.data(), bytes_.data(), bytes_.data() + 1);
    return traits_type::to_int_type('\r');
  }

  // Behind what is there; false at the end.
  bool read_more() {
    if (begin_ == size_) begin_ = size_ = 0;
    ssize_t got;
    do {
      got = ::read(file_.descriptor(), bytes_.data() + 1 + size_, bytes_.size() - 1 - size_);
    } while (got < 0 && errno == EINTR);
    if (got < 0) throw std::system_error(errno, std::generic_category());  // the stream is bad() then
    size_ += static_cast<std::size_t>(got);
    return got > 0;
  }

  // All that was read, in place. A CR at its end waits for what follows it, in the byte that is kept free for it.
  std::span<char> without_returns() {
    char* const first = bytes_.data() + 1 + begin_;
    char* const end = bytes_.data() + 1 + size_;
    begin_ = size_ = 0;
    char* const out_first = std::exchange(return_waits_, false) && *first != '\n' ? first - 1 : first;
    if (out_first != first) *out_first = '\r';
    char* out = first;
    for (const char* in = first; in != end; ++in) {
      if (*in == '\r' && in + 1 == end) return_waits_ = true;
      if (*in == '\r' && (in + 1 == end || in[1] == '\n')) continue;
      *out++ = *in;
    }
    return {out_first, out};
  }

  InputFile file_;
  std::array<char, 1 + (1 << 16)> bytes_;  // the first is for a CR that waited
  std::size_t begin_ = 0, size_ = 0;       // of what was read and not given, behind the first
  bool return_waits_ = false;
};

class FileStream : public std::istream {
 public:
  FileStream(InputFile file, const std::string& path) : std::istream(nullptr), buffer_(std::move(file), path) {
    rdbuf(&buffer_);
  }

 private:
  FileBuffer buffer_;
};

}  // namespace

std::unique_ptr<std::istream> open_text_file(const std::string& path, const std::string& what) {
  return open_text_file(InputFile(path, what), path);
}

std::unique_ptr<std::istream> open_text_file(InputFile file, const std::string& path) {
  return std::make_unique<FileStream>(std::move(file), path);
}

std::string read_text_file(const std::string& path, const std::string& what, std::uint64_t limit) {
  InputFile file(path, what);
  if (file.size() > limit) {
    throw Error(path, "has " + std::to_string(file.size()) + " bytes, more than the " + std::to_string(limit) +
                          " that are read; " + what);
  }
  std::string text(file.size(), '\0');
  const std::unique_ptr<std::istream> stream = open_text_file(std::move(file), path);
  stream->read(text.data(), static_cast<std::streamsize>(text.size()));
  if (stream->bad()) throw Error(path, "cannot be read");
  text.resize(static_cast<std::size_t>(stream->gcount()));  // without what fell away
  return text;
}

}  // namespace dinghy::converter
