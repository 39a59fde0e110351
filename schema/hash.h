// The hash functions of the file format: metadata and strings by FNV-1a, vocabulary slots by a finalizer that spreads
// keys that differ in few bits. Shared by the engine and the converter; FORMAT.md shows where they are used.
#pragma once

#include <cstdint>

namespace dinghy::format {

/// FNV-1a, 64 bits, of `size` bytes.
template <class Byte>
constexpr std::uint64_t fnv1a64(const Byte* bytes, std::uint64_t size) noexcept {
  std::uint64_t hash = 0xcbf29ce484222325u;
  for (std::uint64_t i = 0; i < size; ++i) {
    hash ^= static_cast<unsigned char>(bytes[i]);
    hash *= 0x100000001b3u;
  }
  return hash;
}

/// The finalizer of splitmix64: a bijection of 64 bits. The first slot of an int64 key is mix64(key) & (capacity - 1),
/// that of a string mix64(fnv1a64(bytes)) & (capacity - 1); the next slots follow in order, around the end.
constexpr std::uint64_t mix64(std::uint64_t x) noexcept {
  x ^= x >> 30;
  x *= 0xbf58476d1ce4e5b9u;
  x ^= x >> 27;
  x *= 0x94d049bb133111ebu;
  x ^= x >> 31;
  return x;
}

/// The longest way that a vocabulary may have from a key's first slot to the key: a bound on the work of one lookup.
/// With half of the slots empty real vocabularies stay below a hundred.
inline constexpr std::uint32_t kMaxProbes = 4096;

/// A slot of a vocabulary with int64 keys, little-endian.
struct Int64Slot {
  std::int64_t key;
  std::uint64_t row_plus_one;  // 0: the slot is empty
};

/// A slot of a vocabulary with string keys.
struct StringSlot {
  std::uint64_t hash;           // fnv1a64 of the key's bytes
  std::uint32_t string_offset;  // in the vocabulary's strings: u32 length, then the bytes
  std::uint32_t row_plus_one;   // 0: the slot is empty
};
static_assert(sizeof(Int64Slot) == 16 && sizeof(StringSlot) == 16);

}  // namespace dinghy::format
