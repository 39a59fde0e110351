// FarmHash's Fingerprint64 of an id written in decimal: what TensorFlow's string_to_hash_bucket_fast computes of it,
// and with it the public codes that hash ids before the table (IdHash in model.fbs).
//
// After farmhash.cc (farmhashna::Hash64, HashLen0to16 and HashLen17to32) of github.com/google/farmhash, Copyright (c)
// 2014 Google, Inc., MIT license. Only what strings of 1 to 20 bytes need, as an int64 has them.
#pragma once

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace dinghy::format {
namespace farmhash {

inline constexpr std::uint64_t k0 = 0xc3a5c85c97cb3127u, k1 = 0xb492b66fbe98f273u, k2 = 0x9ae16a3b2f90404fu;

inline std::uint64_t rotate(std::uint64_t x, int bits) noexcept { return x >> bits | x << (64 - bits); }

template <class Word>
Word fetch(const char* bytes) noexcept {
  Word word;
  std::memcpy(&word, bytes, sizeof word);
  return word;
}

inline std::uint64_t mix(std::uint64_t u, std::uint64_t v, std::uint64_t factor) noexcept {
  std::uint64_t a = (u ^ v) * factor;
  a ^= a >> 47;
  std::uint64_t b = (v ^ a) * factor;
  b ^= b >> 47;
  return b * factor;
}

inline std::uint64_t hash_1_to_3(const char* s, std::size_t size) noexcept {
  const auto byte = [s](std::size_t i) { return static_cast<std::uint32_t>(static_cast<unsigned char>(s[i])); };
  const std::uint32_t y = byte(0) + (byte(size >> 1) << 8);
  const std::uint32_t z = static_cast<std::uint32_t>(size) + (byte(size - 1) << 2);
  const std::uint64_t x = y * k2 ^ z * k0;
  return (x ^ x >> 47) * k2;
}

inline std::uint64_t hash_8_to_16(const char* s, std::size_t size) noexcept {
  const std::uint64_t factor = k2 + size * 2;
  const std::uint64_t a = fetch<std::uint64_t>(s) + k2, b = fetch<std::uint64_t>(s + size - 8);
  return mix(rotate(b, 37) * factor + a, (rotate(a, 25) + b) * factor, factor);
}

inline std::uint64_t hash_17_to_32(const char* s, std::size_t size) noexcept {
  const std::uint64_t factor = k2 + size * 2;
  const std::uint64_t a = fetch<std::uint64_t>(s) * k1, b = fetch<std::uint64_t>(s + 8);
  const std::uint64_t c = fetch<std::uint64_t>(s + size - 8) * factor, d = fetch<std::uint64_t>(s + size - 16) * k2;
  return mix(rotate(a + b, 43) + rotate(c, 30) + d, a + rotate(b + k2, 18) + c, factor);
}

}  // namespace farmhash

/// Fingerprint64 of the id's decimal digits, with "-" before those of a negative one.
inline std::uint64_t farmhash64_of_decimal(std::int64_t id) noexcept {
  char digits[20];
  const std::size_t size = static_cast<std::size_t>(std::to_chars(digits, digits + sizeof digits, id).ptr - digits);
  if (size <= 3) return farmhash::hash_1_to_3(digits, size);
  if (size > 16) return farmhash::hash_17_to_32(digits, size);
  if (size >= 8) return farmhash::hash_8_to_16(digits, size);
  const std::uint64_t first = farmhash::fetch<std::uint32_t>(digits);
  return farmhash::mix(size + (first << 3), farmhash::fetch<std::uint32_t>(digits + size - 4), farmhash::k2 + size * 2);
}

}  // namespace dinghy::format
