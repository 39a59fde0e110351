// SHA-256 of a checkpoint, for the provenance in a converted model.
#pragma once

#include <span>
#include <string>

namespace dinghy::converter {

/// 64 hexadecimal digits. Streams the file. Throws Error when it cannot be read.
std::string sha256_of_file(const std::string& path);

/// One hash for several files of a folder: that of what `sha256sum NAME…` prints there. The same names in another order
/// give another hash.
std::string sha256_of_files(const std::string& folder, std::span<const std::string> names);

}  // namespace dinghy::converter
