// Checkpoints of several files, or of a zip with several members, as one input of a fuzzer.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace dinghy::fuzz {

struct NamedFile {
  std::string name;  // of letters, digits, '.', '_', '-', '$' and '/'; never leaves its folder
  std::string bytes;
};

/// A file is its name, a line feed, its size in decimal, a line feed and its bytes. Any input is a list of files: a
/// size beyond the end stops there. At most 16.
std::vector<NamedFile> unpack(std::string_view input);

/// Writes them into `folder`, which is emptied first, with the folders that their names ask for.
void write_folder(const std::vector<NamedFile>& files, const std::string& folder);

/// Writes a zip with these as members and right checksums.
void write_zip(const std::vector<NamedFile>& files, const std::string& path);

/// Entries of a TensorFlow checkpoint as a whole .index around them, with right checksums.
std::string index_around(std::string_view entries);

}  // namespace dinghy::fuzz
