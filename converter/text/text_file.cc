#include "converter/text/text_file.h"

#include <filesystem>
#include <fstream>
#include <iterator>

#include "converter/error.h"

namespace dinghy::converter {

std::string read_text_file(const std::string& path, const std::string& what) {
  std::ifstream file(path, std::ios::binary);
  // Opening a folder succeeds, and reading it then throws.
  if (!file || std::filesystem::is_directory(path)) throw Error(path, "cannot be read; " + what);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace dinghy::converter
