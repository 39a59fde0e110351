// Text files.
#pragma once

#include <istream>
#include <memory>
#include <string>

#include "converter/input_file.h"

namespace dinghy::converter {

/// For reading line by line. Throws Error as InputFile; `what` then says what the file should be.
std::unique_ptr<std::istream> open_text_file(const std::string& path, const std::string& what);
/// The same for a file that is open.
std::unique_ptr<std::istream> open_text_file(InputFile file);

/// The whole of a small file. Throws as open_text_file, and when it has more than `limit` bytes.
std::string read_text_file(const std::string& path, const std::string& what, std::uint64_t limit);

}  // namespace dinghy::converter
