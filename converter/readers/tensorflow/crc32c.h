// CRC-32C (Castagnoli), as TensorFlow and LevelDB store it.
#pragma once

#include <cstdint>
#include <string_view>

namespace dinghy::converter {

/// The checksum of what `crc` is the checksum of (0: nothing), followed by `bytes`.
std::uint32_t crc32c(std::uint32_t crc, std::string_view bytes);

/// What a file holds in place of the checksum itself.
constexpr std::uint32_t masked_crc32c(std::uint32_t crc) { return (crc >> 15 | crc << 17) + 0xa282ead8u; }

}  // namespace dinghy::converter
