#include "converter/requests/requests.h"

#include <sstream>

#include "converter/error.h"
#include "converter/text/text_file.h"

namespace dinghy::converter {
namespace {

std::unique_ptr<std::istream> open_file(const std::string& path, std::uint64_t& size) {
  InputFile file(path, "give a file of JSON lines, or - for standard input", InputKind::file_or_pipe);
  size = file.size();
  return open_text_file(std::move(file), path);
}

}  // namespace

RequestReader::RequestReader(RequestShape shape, const std::string& path)
    : shape_(std::move(shape)), name_(path == "-" ? "standard input" : path) {
  input_ = path == "-" ? open_text_file(InputFile::standard_input(), name_) : open_file(path, total_bytes_);
}

RequestReader::RequestReader(RequestShape shape, std::string text, std::string name)
    : shape_(std::move(shape)), name_(std::move(name)), total_bytes_(text.size()) {
  input_ = std::make_unique<std::istringstream>(std::move(text));
}

RequestReader::~RequestReader() = default;

bool RequestReader::next(Request& request) {
  if (!std::getline(*input_, text_)) {
    if (input_->bad()) throw Error(name_ + ":" + std::to_string(line_ + 1), "cannot be read");
    return false;
  }
  ++line_;
  bytes_ += text_.size() + 1;
  request = parse_request(shape_, text_, name_ + ":" + std::to_string(line_));
  return true;
}

}  // namespace dinghy::converter
