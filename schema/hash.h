// The hash functions of the file format: of the metadata, and of the keys of vocabularies.
#pragma once

#include <cstddef>
#include <cstdint>

namespace dinghy::format {

/// FNV-1a, 64 bits: guards metadata against accidents, not against intent.
constexpr std::uint64_t fnv1a64(const unsigned char* bytes, std::size_t size) noexcept {
  std::uint64_t hash = 0xcbf29ce484222325u;
  for (std::size_t i = 0; i < size; ++i) hash = (hash ^ bytes[i]) * 0x100000001b3u;
  return hash;
}

/// The finalizer of splitmix64: spreads keys that differ in few bits over the slots of a vocabulary.
constexpr std::uint64_t mix64(std::uint64_t x) noexcept {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

/// A slot of a vocabulary with int64 keys. Slot of a key: mix64(key) & (capacity - 1), then the next ones.
struct Int64Slot {
  std::int64_t key;
  std::uint64_t row_plus_one;  // 0: the slot is empty
};

/// A slot of a vocabulary with string keys. Slot of a key: mix64(hash) & (capacity - 1), then the next ones.
struct StringSlot {
  std::uint64_t hash;           // fnv1a64 of the key's bytes
  std::uint32_t string_offset;  // in the vocabulary's strings: u32 length, then the bytes
  std::uint32_t row_plus_one;   // 0: the slot is empty
};
static_assert(sizeof(Int64Slot) == 16 && sizeof(StringSlot) == 16);

}  // namespace dinghy::format
