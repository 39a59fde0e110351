// SHA-256 of a file, for the provenance in a converted model.
#pragma once

#include <string>

namespace dinghy::converter {

/// 64 hexadecimal digits. Streams the file. Throws Error when it cannot be read.
std::string sha256_of_file(const std::string& path);

}  // namespace dinghy::converter
