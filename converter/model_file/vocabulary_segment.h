// A vocabulary as the hash table that the engine looks ids up in; FORMAT.md has the slots' layout.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "converter/network.h"

namespace dinghy::converter {

struct VocabularySegment {
  std::uint64_t keys = 0;
  std::uint64_t capacity = 0;  // slots: a power of two, at least twice the keys
  std::uint32_t max_probes = 0;
  std::uint64_t strings_offset = 0;  // behind the slots; key_type string only
  std::uint64_t strings_size = 0;
  std::vector<std::byte> bytes;
};

/// Throws Error for a key that occurs twice, for more than kMaxProbes keys that begin at one slot, and for more than 4
/// GB of string bytes.
VocabularySegment build_vocabulary(const Vocabulary& vocabulary);

}  // namespace dinghy::converter
