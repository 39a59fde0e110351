#include "converter/text/text_file.h"

#include <unistd.h>

#include <array>
#include <cerrno>
#include <streambuf>
#include <system_error>

#include "converter/error.h"

namespace dinghy::converter {
namespace {

class FileBuffer : public std::streambuf {
 public:
  explicit FileBuffer(InputFile file) : file_(std::move(file)) {}

 private:
  int_type underflow() override {
    ssize_t got;
    do {
      got = ::read(file_.descriptor(), bytes_.data(), bytes_.size());
    } while (got < 0 && errno == EINTR);
    if (got < 0) throw std::system_error(errno, std::generic_category());  // the stream is bad() then
    if (got == 0) return traits_type::eof();
    setg(bytes_.data(), bytes_.data(), bytes_.data() + got);
    return traits_type::to_int_type(bytes_[0]);
  }

  InputFile file_;
  std::array<char, 1 << 16> bytes_;
};

class FileStream : public std::istream {
 public:
  explicit FileStream(InputFile file) : std::istream(nullptr), buffer_(std::move(file)) { rdbuf(&buffer_); }

 private:
  FileBuffer buffer_;
};

}  // namespace

std::unique_ptr<std::istream> open_text_file(const std::string& path, const std::string& what) {
  return open_text_file(InputFile(path, what));
}

std::unique_ptr<std::istream> open_text_file(InputFile file) { return std::make_unique<FileStream>(std::move(file)); }

std::string read_text_file(const std::string& path, const std::string& what, std::uint64_t limit) {
  InputFile file(path, what);
  if (file.size() > limit) {
    throw Error(path, "has " + std::to_string(file.size()) + " bytes, more than the " + std::to_string(limit) +
                          " that are read; " + what);
  }
  std::string text(file.size(), '\0');
  const std::unique_ptr<std::istream> stream = open_text_file(std::move(file));
  stream->read(text.data(), static_cast<std::streamsize>(text.size()));
  if (stream->bad()) throw Error(path, "cannot be read");
  text.resize(static_cast<std::size_t>(stream->gcount()));  // of a file that became shorter meanwhile
  return text;
}

}  // namespace dinghy::converter
