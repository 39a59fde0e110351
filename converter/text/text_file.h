// Text files. However an editor wrote them, they come without a byte order mark and with LF alone at the ends of lines.
#pragma once

#include <istream>
#include <memory>
#include <string>

#include "converter/input_file.h"

namespace dinghy::converter {

/// For reading line by line. Throws Error as InputFile, and for UTF-16; `what` then says what the file should be.
std::unique_ptr<std::istream> open_text_file(const std::string& path, const std::string& what);
/// The same for a file that is open; `path` stands for it in errors.
std::unique_ptr<std::istream> open_text_file(InputFile file, const std::string& path);

/// The whole of a small file. Throws as open_text_file, and when it has more than `limit` bytes.
std::string read_text_file(const std::string& path, const std::string& what, std::uint64_t limit);

}  // namespace dinghy::converter
