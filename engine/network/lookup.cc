#include "engine/network/lookup.h"

#include <cstring>
#include <optional>

#include "schema/farmhash.h"
#include "schema/hash.h"

namespace dinghy::network {
namespace {

Lookup missing(const Table& table, std::uint64_t nearest) noexcept {
  switch (table.missing) {
    case format::MissingId::fail:
      break;
    case format::MissingId::zero:
      return {nullptr, true, false};
    case format::MissingId::row:
      return {row_at(table, table.missing_row), true, false};
    case format::MissingId::clamp:
      return {row_at(table, nearest), true, false};
  }
  return {nullptr, true, true};
}

template <class Slot>
Slot slot_at(const Vocabulary& vocabulary, std::uint64_t index) noexcept {
  Slot slot;
  std::memcpy(&slot, vocabulary.slots + static_cast<std::size_t>(index * sizeof(Slot)), sizeof(Slot));
  return slot;
}

/// Walks the slots from the key's own, max_probes at most, to the first that is empty or `equals`. What a hostile
/// vocabulary holds cannot lengthen the walk.
template <class Slot, class Equals>
std::optional<std::uint64_t> probe(const Vocabulary& vocabulary, std::uint64_t hash, Equals equals) noexcept {
  for (std::uint64_t i = 0; i < vocabulary.max_probes; ++i) {
    const Slot slot = slot_at<Slot>(vocabulary, (hash + i) & (vocabulary.capacity - 1));
    if (slot.row_plus_one == 0) return std::nullopt;
    if (equals(slot)) return slot.row_plus_one - 1;
  }
  return std::nullopt;
}

/// Compares a stored string, whose place and length are as untrusted as the rest of a vocabulary.
bool same_string(const Vocabulary& vocabulary, std::uint32_t offset, std::string_view key) noexcept {
  std::uint32_t length = 0;
  if (vocabulary.strings_size < sizeof length || offset > vocabulary.strings_size - sizeof length) return false;
  std::memcpy(&length, vocabulary.strings + offset, sizeof length);
  if (length > vocabulary.strings_size - sizeof length - offset) return false;
  return key == std::string_view(reinterpret_cast<const char*>(vocabulary.strings) + offset + sizeof length, length);
}

Lookup row_or_missing(const Table& table, std::optional<std::uint64_t> row) noexcept {
  return row && *row < table.count ? Lookup{row_at(table, *row)} : missing(table, 0);
}

/// The bucket of an id: from 0 to hash_buckets - 1, which verify() keeps inside an int64.
std::int64_t hashed(const Table& table, std::int64_t id) noexcept {
  if (table.hash == format::IdHash::farmhash64_decimal) {
    return static_cast<std::int64_t>(format::farmhash64_of_decimal(id) % table.hash_buckets);
  }
  // DeepCTR's Hash layer with mask_zero: padding keeps its row, and no other id gets it.
  if (id == 0) return 0;
  return static_cast<std::int64_t>(format::farmhash64_of_decimal(id) % (table.hash_buckets - 1) + 1);
}

}  // namespace

Lookup look_up(const Table& table, std::int64_t id) noexcept {
  if (table.vocabulary != nullptr) {
    const auto equals = [&](const format::Int64Slot& slot) { return slot.key == id; };
    return row_or_missing(
        table, probe<format::Int64Slot>(*table.vocabulary, format::mix64(static_cast<std::uint64_t>(id)), equals));
  }
  if (table.hash != format::IdHash::none) id = hashed(table, id);
  if (id < table.first_id) return missing(table, 0);
  // Unsigned, so that the difference of any two ids is defined.
  const std::uint64_t row = static_cast<std::uint64_t>(id) - static_cast<std::uint64_t>(table.first_id);
  return row < table.count ? Lookup{row_at(table, row)} : missing(table, table.count - 1);
}

Lookup look_up(const Table& table, std::string_view key) noexcept {
  const std::uint64_t hash = format::fnv1a64(key.data(), key.size());
  const auto equals = [&](const format::StringSlot& slot) {
    return slot.hash == hash && same_string(*table.vocabulary, slot.string_offset, key);
  };
  return row_or_missing(table, probe<format::StringSlot>(*table.vocabulary, format::mix64(hash), equals));
}

Lookup look_up_nothing(const Table& table) noexcept { return missing(table, 0); }

const std::byte* first_slot(const Vocabulary& vocabulary, std::int64_t id) noexcept {
  const std::uint64_t slot = format::mix64(static_cast<std::uint64_t>(id)) & (vocabulary.capacity - 1);
  return vocabulary.slots + static_cast<std::size_t>(slot * sizeof(format::Int64Slot));
}

const std::byte* first_slot(const Vocabulary& vocabulary, std::string_view key) noexcept {
  const std::uint64_t slot = format::mix64(format::fnv1a64(key.data(), key.size())) & (vocabulary.capacity - 1);
  return vocabulary.slots + static_cast<std::size_t>(slot * sizeof(format::StringSlot));
}

}  // namespace dinghy::network
