#include "converter/text/text_file.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <iterator>

#include "converter/error.h"

namespace dinghy::converter {

std::ifstream open_text_file(const std::string& path, const std::string& what) {
  std::error_code ignored;
  // Opening a folder succeeds, and then there is nothing to read.
  if (std::filesystem::is_directory(path, ignored)) throw Error(path, "is a folder; " + what);
  std::ifstream file(path, std::ios::binary);
  if (!file) throw Error(path, std::string("cannot be opened: ") + std::strerror(errno) + "; " + what);
  return file;
}

std::string read_text_file(const std::string& path, const std::string& what) {
  std::ifstream file = open_text_file(path, what);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace dinghy::converter
