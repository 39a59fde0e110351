// The first 64 bytes of a .dinghy file, shared by the writer and the engine. FORMAT.md describes the whole file.
#pragma once

#include <cstddef>
#include <cstdint>

namespace dinghy::format {

inline constexpr unsigned char kMagic[8] = {'D', 'I', 'N', 'G', 'H', 'Y', 0, 1};
inline constexpr std::uint32_t kFormatVersion = 1;
inline constexpr std::size_t kHeaderSize = 64;
inline constexpr std::size_t kSegmentAlignment = 4096;  // segments start on a page
inline constexpr std::size_t kTensorAlignment = 64;     // dense tensors start on a cache line …
inline constexpr std::size_t kRowPadding = 16;          // … and their rows are whole vectors of every ISA, in floats

/// Little-endian, as the file is; the build refuses big-endian machines.
struct Header {
  unsigned char magic[8];
  std::uint32_t format_version;
  std::uint32_t header_size;
  std::uint64_t metadata_size;  // of the FlatBuffer, which follows the header
  std::uint64_t file_size;
  std::uint64_t metadata_hash;  // fnv1a64 of the metadata
  unsigned char zeros[24];
};
static_assert(sizeof(Header) == kHeaderSize);

}  // namespace dinghy::format
