// The .index of a TensorFlow checkpoint, byte by byte, as right or wrong as a test wants it.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace dinghy::converter::test {

std::string varint(std::uint64_t value);
std::string fixed32(std::uint32_t value);

/// A block with its type and its checksum.
std::string sealed(std::string body, char type = 0);
/// A block of these entries, with a list of one restart before that.
std::string closed(std::string body, char type = 0);

/// `shared`: how many bytes of the key before it an entry says to begin with.
std::string entry(const std::string& key, const std::string& value, std::uint64_t shared = 0);

using Entries = std::vector<std::pair<std::string, std::string>>;
std::string block(const Entries& entries, char type = 0);

/// The end of a table whose metaindex, an empty block, begins at `end` - its size.
std::string footer(std::uint64_t end, std::uint64_t offset, std::uint64_t size);

/// A table of this data, whose blocks, without their trailers of five bytes, lie at `places`.
std::string table_of(const std::string& data, const std::vector<std::pair<std::uint64_t, std::uint64_t>>& places);

/// A table of one block of entries.
std::string table(const Entries& entries, char type = 0);

}  // namespace dinghy::converter::test
