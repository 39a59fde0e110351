// Small text files, read whole.
#pragma once

#include <string>

namespace dinghy::converter {

/// Throws Error when `path` cannot be read; `what` then says what the file should be.
std::string read_text_file(const std::string& path, const std::string& what);

}  // namespace dinghy::converter
