#include "converter/model_file/vocabulary_segment.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>

#include "converter/error.h"
#include "schema/hash.h"

namespace dinghy::converter {
namespace {

using format::Int64Slot;
using format::StringSlot;

static_assert(std::endian::native == std::endian::little, "the segments are written as they lie in memory");

std::string text_of(std::int64_t key) { return std::to_string(key); }
std::string text_of(const std::string& key) { return '"' + key + '"'; }

// The slots of one vocabulary, filled by linear probing from the key's hash.
template <class Slot>
class SlotTable {
 public:
  explicit SlotTable(std::uint64_t keys) : slots_(std::bit_ceil(std::max<std::uint64_t>(2 * keys, 2))) {}

  template <class Key, class SameKey>
  void insert(const Slot& slot, const Key& key, std::uint64_t hash, SameKey same_key) {
    const std::uint64_t mask = slots_.size() - 1;
    std::uint64_t index = hash & mask;
    std::uint32_t probes = 1;
    while (slots_[index].row_plus_one != 0) {
      if (same_key(slots_[index])) throw Error("vocabulary", "the id " + text_of(key) + " is there twice");
      index = (index + 1) & mask;
      if (++probes > format::kMaxProbes) {
        throw Error("vocabulary", "more ids than " + std::to_string(format::kMaxProbes) + " have the hash of " +
                                      text_of(key) + "; map ids to rows before the request");
      }
    }
    slots_[index] = slot;
    max_probes_ = std::max(max_probes_, probes);
  }

  void finish(VocabularySegment& segment) const {
    segment.capacity = slots_.size();
    segment.max_probes = max_probes_;
    segment.bytes.resize(slots_.size() * sizeof(Slot));
    std::memcpy(segment.bytes.data(), slots_.data(), segment.bytes.size());
  }

 private:
  std::vector<Slot> slots_;
  std::uint32_t max_probes_ = 1;  // also of no keys: a lookup looks at a slot
};

VocabularySegment build_int64(const Vocabulary& vocabulary) {
  SlotTable<Int64Slot> table(vocabulary.int64_rows.size());
  for (const auto& [key, row] : vocabulary.int64_rows) {
    table.insert({key, row + 1}, key, format::mix64(static_cast<std::uint64_t>(key)),
                 [key = key](const Int64Slot& other) { return other.key == key; });
  }
  VocabularySegment segment;
  table.finish(segment);
  segment.keys = vocabulary.int64_rows.size();
  return segment;
}

VocabularySegment build_strings(const Vocabulary& vocabulary) {
  SlotTable<StringSlot> table(vocabulary.string_rows.size());
  std::vector<std::byte> strings;
  const auto append = [&strings](const void* data, std::size_t size) {
    const auto* bytes = static_cast<const std::byte*>(data);
    strings.insert(strings.end(), bytes, bytes + size);
  };
  for (const auto& [key, row] : vocabulary.string_rows) {
    const std::uint32_t length = static_cast<std::uint32_t>(key.size());
    const std::uint64_t hash = format::fnv1a64(key.data(), key.size());
    const auto same_key = [&](const StringSlot& other) {
      std::uint32_t other_length;
      std::memcpy(&other_length, strings.data() + other.string_offset, sizeof(other_length));
      return other.hash == hash && other_length == length &&
             std::memcmp(strings.data() + other.string_offset + sizeof(length), key.data(), length) == 0;
    };
    if (strings.size() + sizeof(length) + key.size() > std::numeric_limits<std::uint32_t>::max() ||
        row >= std::numeric_limits<std::uint32_t>::max()) {
      throw Error("vocabulary", "more than 4 GB of strings or rows; use integer ids");
    }
    table.insert({hash, static_cast<std::uint32_t>(strings.size()), static_cast<std::uint32_t>(row + 1)}, key,
                 format::mix64(hash), same_key);
    append(&length, sizeof(length));
    append(key.data(), key.size());
  }
  VocabularySegment segment;
  table.finish(segment);
  segment.keys = vocabulary.string_rows.size();
  segment.strings_offset = segment.bytes.size();
  segment.strings_size = strings.size();
  segment.bytes.insert(segment.bytes.end(), strings.begin(), strings.end());
  return segment;
}

}  // namespace

VocabularySegment build_vocabulary(const Vocabulary& vocabulary) {
  try {
    return vocabulary.string_rows.empty() ? build_int64(vocabulary) : build_strings(vocabulary);
  } catch (const Error& error) {
    throw Error(vocabulary.name, error.what());
  }
}

}  // namespace dinghy::converter
