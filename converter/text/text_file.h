// Text files.
#pragma once

#include <fstream>
#include <string>

namespace dinghy::converter {

/// For reading line by line. Throws Error when `path` cannot be opened or is a folder; `what` then says what the file
/// should be.
std::ifstream open_text_file(const std::string& path, const std::string& what);

/// The whole of a small file. Throws as open_text_file.
std::string read_text_file(const std::string& path, const std::string& what);

}  // namespace dinghy::converter
