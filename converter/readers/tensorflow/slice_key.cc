#include "converter/readers/tensorflow/slice_key.h"

#include <array>
#include <bit>

namespace dinghy::converter {
namespace {

/// A byte that counts those that follow, then the number without leading zeros, big-endian.
void append_unsigned(std::string& key, std::uint64_t number) {
  const int bytes = (std::bit_width(number) + 7) / 8;
  key += static_cast<char>(bytes);
  for (int i = bytes; i-- > 0;) key += static_cast<char>(number >> (8 * i));
}

/// Zero and 255 are escaped, so that the end (0, 1) sorts before every longer text.
void append_text(std::string& key, const std::string& text) {
  for (const char c : text) {
    key += c;
    if (c == '\0') key += '\xff';
    if (c == '\xff') key += '\0';
  }
  key += '\0';
  key += '\1';
}

/// As many bytes as needed, seven bits in each, big-endian; the first bits count the bytes, inverted when negative.
void append_signed(std::string& key, std::int64_t number) {
  const auto magnitude = static_cast<std::uint64_t>(number < 0 ? ~number : number);
  const int length = std::bit_width(magnitude) / 7 + 1;
  std::array<unsigned char, 10> bytes;
  bytes.fill(number < 0 ? 0xff : 0);
  for (int i = 0; i < 8; ++i) bytes[static_cast<std::size_t>(9 - i)] = static_cast<unsigned char>(number >> (8 * i));
  const auto first = static_cast<std::size_t>(10 - length);
  const unsigned header = 0xffffu << (16 - length) & 0xffffu;  // `length` ones, from the top of the first two bytes
  bytes[first] ^= static_cast<unsigned char>(header >> 8);
  if (length > 8) bytes[first + 1] ^= static_cast<unsigned char>(header & 0xff);
  key.append(reinterpret_cast<const char*>(bytes.data()) + first, static_cast<std::size_t>(length));
}

}  // namespace

std::string slice_key(const std::string& name, const std::vector<SliceExtent>& slice) {
  std::string key;
  append_unsigned(key, 0);
  append_text(key, name);
  append_unsigned(key, slice.size());
  for (const SliceExtent& extent : slice) {
    append_signed(key, extent.start);
    append_signed(key, extent.length);
  }
  return key;
}

}  // namespace dinghy::converter
