// The first 64 bytes of a .dinghy file and the sizes that its layout rests on. Shared by the engine and the converter;
// FORMAT.md shows the bytes.
#pragma once

#include <cstdint>

namespace dinghy::format {

inline constexpr unsigned char kMagic[8] = {'D', 'I', 'N', 'G', 'H', 'Y', 0, 1};
inline constexpr std::uint32_t kFormatVersion = 1;
inline constexpr std::uint32_t kHeaderSize = 64;
inline constexpr std::uint32_t kHeaderFields = 40;        // bytes; those behind them are zero
inline constexpr std::uint64_t kSegmentAlignment = 4096;  // of a segment's offset in the file
inline constexpr std::uint64_t kTensorAlignment = 64;     // of a dense tensor's offset in its segment
inline constexpr std::uint32_t kRowPadding = 16;          // a dense row takes a multiple of so many floats
inline constexpr std::uint64_t kSlotSize = 16;            // of a vocabulary slot, in bytes

/// The header's fields. The metadata (a FlatBuffer) follows the header directly.
struct Header {
  std::uint32_t format_version;
  std::uint32_t header_size;
  std::uint64_t metadata_size;
  std::uint64_t file_size;
  std::uint64_t metadata_hash;  // fnv1a64 of the metadata
};

template <class Integer>
constexpr void put_little_endian(unsigned char* out, Integer value) noexcept {
  for (unsigned i = 0; i < sizeof(Integer); ++i) out[i] = static_cast<unsigned char>(value >> (8 * i));
}

template <class Integer>
constexpr Integer get_little_endian(const unsigned char* in) noexcept {
  Integer value = 0;
  for (unsigned i = 0; i < sizeof(Integer); ++i) value |= static_cast<Integer>(in[i]) << (8 * i);
  return value;
}

/// Fills the kHeaderSize bytes of `out`.
constexpr void write_header(const Header& header, unsigned char* out) noexcept {
  for (unsigned i = 0; i < kHeaderSize; ++i) out[i] = i < sizeof(kMagic) ? kMagic[i] : 0;
  put_little_endian(out + 8, header.format_version);
  put_little_endian(out + 12, header.header_size);
  put_little_endian(out + 16, header.metadata_size);
  put_little_endian(out + 24, header.file_size);
  put_little_endian(out + 32, header.metadata_hash);
}

/// False when the kHeaderSize bytes of `in` do not begin with the magic; the fields' values are the caller's to check.
constexpr bool read_header(const unsigned char* in, Header& header) noexcept {
  for (unsigned i = 0; i < sizeof(kMagic); ++i) {
    if (in[i] != kMagic[i]) return false;
  }
  header.format_version = get_little_endian<std::uint32_t>(in + 8);
  header.header_size = get_little_endian<std::uint32_t>(in + 12);
  header.metadata_size = get_little_endian<std::uint64_t>(in + 16);
  header.file_size = get_little_endian<std::uint64_t>(in + 24);
  header.metadata_hash = get_little_endian<std::uint64_t>(in + 32);
  return true;
}

}  // namespace dinghy::format
