#include "converter/requests/requests.h"

#include <sstream>

#include "converter/text/text_file.h"

namespace dinghy::converter {
namespace {

/// `size` becomes that of a file.
TextLines open(const std::string& path, std::uint64_t& size) {
  constexpr const char* kStandardInput = "standard input";
  if (path == "-") return {open_text_file(InputFile::standard_input(), kStandardInput), kStandardInput};
  InputFile file(path, "give a file of JSON lines, or - for standard input", InputKind::file_or_pipe);
  size = file.size();
  return {open_text_file(std::move(file), path), path};
}

}  // namespace

RequestReader::RequestReader(RequestShape shape, const std::string& path)
    : shape_(std::move(shape)), lines_(open(path, total_bytes_)) {}

RequestReader::RequestReader(RequestShape shape, std::string text, std::string name)
    : shape_(std::move(shape)),
      total_bytes_(text.size()),
      lines_(std::make_unique<std::istringstream>(std::move(text)), std::move(name)) {}

bool RequestReader::next(Request& request) {
  if (!lines_.next(text_)) return false;
  bytes_ += text_.size() + 1;
  request = parse_request(shape_, text_, lines_.where());
  return true;
}

}  // namespace dinghy::converter
