#include "engine/memo/pair_table.h"

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstring>

namespace dinghy::memo {
namespace {

using DenseWord = std::atomic<std::uint32_t>;
using Entry = std::atomic<std::uint64_t>;
static_assert(DenseWord::is_always_lock_free && sizeof(DenseWord) == sizeof(std::uint32_t));
static_assert(Entry::is_always_lock_free && sizeof(Entry) == sizeof(std::uint64_t));

constexpr std::uint64_t kEntries = 8;
constexpr std::uint64_t kBucketBytes = kEntries * sizeof(Entry);

/// Pairs of which the buckets are on their way from memory at once.
constexpr std::size_t kPairsAhead = 128;

using Lanes = std::uint32_t __attribute__((vector_size(16)));

/// Where in a bucket the pair of `name` probably is; where it is not, any entry. All eight at once, by loads that the
/// language does not call atomic: the caller looks at the entry itself, so the worst that they do is to miss a pair.
[[gnu::no_sanitize("thread")]] std::size_t probable_entry(const Entry* bucket, std::uint64_t name) noexcept {
  Lanes lanes[4];
  std::memcpy(lanes, static_cast<const void*>(bucket), sizeof lanes);
  const auto half = static_cast<std::uint32_t>(name >> 32U);
  const Lanes wanted = {half, half, half, half};
  const Lanes found =
      (Lanes(lanes[0] == wanted) & Lanes{0, 1, 0, 2}) | (Lanes(lanes[1] == wanted) & Lanes{0, 4, 0, 8}) |
      (Lanes(lanes[2] == wanted) & Lanes{0, 16, 0, 32}) | (Lanes(lanes[3] == wanted) & Lanes{0, 64, 0, 128});
  return static_cast<std::size_t>(std::countr_zero(found[1] | found[3] | 128U));
}

/// The half of an entry that holds the logit where the entry is the pair of `name`, else more than 32 bits.
std::uint64_t difference(const Entry& entry, std::uint64_t name) noexcept {
  return entry.load(std::memory_order_relaxed) ^ name;
}

}  // namespace

std::uint64_t PairTable::dense_bytes(std::uint32_t items) noexcept {
  const std::uint64_t bytes = std::uint64_t{items} * items * sizeof(DenseWord);
  return (bytes + kBucketBytes - 1) / kBucketBytes * kBucketBytes;
}

std::uint64_t PairTable::hashed_bytes(std::uint32_t bucket_bits) noexcept { return kBucketBytes << bucket_bits; }

std::uint64_t PairTable::entries(const Shape& shape) noexcept {
  return shape.layout == Layout::dense ? std::uint64_t{shape.items} * shape.items : kEntries << shape.bucket_bits;
}

std::uint32_t PairTable::hashed_items(std::uint32_t bucket_bits) noexcept {
  return bucket_bits + 31 > 2 * kMostNumberBits ? kMostItems : 1U << (bucket_bits + 31) / 2;
}

PairTable::PairTable(const Shape& shape, std::byte* memory) noexcept
    : memory_(memory),
      mix_(number_bits(shape.items)),
      bucket_mask_((std::uint64_t{1} << shape.bucket_bits) - 1),
      items_(shape.items),
      bucket_bits_(shape.bucket_bits),
      layout_(shape.layout),
      writable_(true) {}

PairTable::PairTable(const Shape& shape, const std::byte* memory) noexcept
    : PairTable(shape, const_cast<std::byte*>(memory)) {
  writable_ = false;
}

std::size_t PairTable::find(std::uint32_t query, const std::uint32_t* behaviors, std::size_t count, float* logits,
                            std::uint32_t* missing) const noexcept {
  if (query < items_) {
    return layout_ == Layout::dense ? find_dense(query, behaviors, count, logits, missing)
                                    : find_hashed(query, behaviors, count, logits, missing);
  }
  for (std::size_t i = 0; i < count; ++i) missing[i] = static_cast<std::uint32_t>(i);
  return count;
}

void PairTable::prefetch(std::uint32_t query, const std::uint32_t* behaviors, std::size_t count) const noexcept {
  if (query >= items_) return;
  if (layout_ == Layout::hashed) {
    for (std::size_t i = 0; i < count; ++i) __builtin_prefetch(bucket(mix_(query, behaviors[i])));
    return;
  }
  const DenseWord* row = reinterpret_cast<const DenseWord*>(memory_) + std::size_t{query} * items_;
  for (std::size_t i = 0; i < count; ++i) __builtin_prefetch(row + (behaviors[i] < items_ ? behaviors[i] : 0));
}

std::size_t PairTable::find_dense(std::uint32_t query, const std::uint32_t* behaviors, std::size_t count, float* logits,
                                  std::uint32_t* missing) const noexcept {
  const DenseWord* row = reinterpret_cast<const DenseWord*>(memory_) + std::size_t{query} * items_;
  // Two loops: the first waits for nothing, where a list of what is missing would wait for each word. A word that is
  // empty turns into a logit of the empty bits.
  bool complete = true;
  for (std::size_t i = 0; i < count; ++i) {
    const bool known = behaviors[i] < items_;
    const std::uint32_t word = row[known ? behaviors[i] : 0].load(std::memory_order_relaxed);
    const std::uint32_t bits = (known ? word : 0) ^ kEmptyBits;
    std::memcpy(logits + i, &bits, sizeof bits);
    complete &= bits != kEmptyBits;
  }
  if (complete) return 0;
  std::size_t misses = 0;
  for (std::size_t i = 0; i < count; ++i) {
    std::uint32_t bits = 0;
    std::memcpy(&bits, logits + i, sizeof bits);
    missing[misses] = static_cast<std::uint32_t>(i);  // where the next one goes too, unless it is
    misses += static_cast<std::size_t>(bits == kEmptyBits);
  }
  return misses;
}

std::size_t PairTable::find_hashed(std::uint32_t query, const std::uint32_t* behaviors, std::size_t count,
                                   float* logits, std::uint32_t* missing) const noexcept {
  std::size_t misses = 0;
  std::uint64_t mixed[kPairsAhead];
  for (std::size_t first = 0; first < count; first += kPairsAhead) {
    const std::size_t last = std::min(count, first + kPairsAhead);
    for (std::size_t i = first; i < last; ++i) {
      mixed[i - first] = mix_(query, behaviors[i]);
      __builtin_prefetch(bucket(mixed[i - first]));
    }
    for (std::size_t i = first; i < last; ++i) {
      const auto* entries = static_cast<const Entry*>(bucket(mixed[i - first]));
      const std::uint64_t name = name_of(mixed[i - first]);
      const std::uint64_t found = difference(entries[probable_entry(entries, name)], name);
      logits[i] = std::bit_cast<float>(static_cast<std::uint32_t>(found));
      missing[misses] = static_cast<std::uint32_t>(i);
      misses += static_cast<std::size_t>((behaviors[i] >= items_) | (found > UINT32_MAX));
    }
  }
  return misses;
}

PairTable::Inserted PairTable::insert(std::uint32_t query, const std::uint32_t* behaviors, const std::uint32_t* places,
                                      std::size_t count, const float* logits) noexcept {
  Inserted all;
  if (query >= items_ || !writable_) return all;
  if (layout_ == Layout::hashed) {
    for (std::size_t i = 0; i < count; ++i) __builtin_prefetch(bucket(mix_(query, behaviors[places[i]])), 1);
  }
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint32_t behavior = behaviors[places[i]];
    if (behavior >= items_) continue;
    const auto bits = std::bit_cast<std::uint32_t>(logits[places[i]]);
    const Inserted one =
        layout_ == Layout::dense ? insert_dense(query, behavior, bits) : insert_hashed(query, behavior, bits);
    all.inserted += one.inserted;
    all.replaced += one.replaced;
  }
  return all;
}

PairTable::Inserted PairTable::insert_dense(std::uint32_t query, std::uint32_t behavior, std::uint32_t bits) noexcept {
  DenseWord& word = reinterpret_cast<DenseWord*>(memory_)[std::size_t{query} * items_ + behavior];
  if (word.load(std::memory_order_relaxed) != 0 || bits == kEmptyBits) return {};
  word.store(bits ^ kEmptyBits, std::memory_order_relaxed);
  return {.inserted = 1, .replaced = 0};
}

PairTable::Inserted PairTable::insert_hashed(std::uint32_t query, std::uint32_t behavior, std::uint32_t bits) noexcept {
  const std::uint64_t mixed = mix_(query, behavior), name = name_of(mixed);
  auto* entries = static_cast<Entry*>(bucket(mixed));
  std::size_t at = kEntries;
  for (std::size_t e = 0; e < kEntries; ++e) {
    if (difference(entries[e], name) <= UINT32_MAX) return {};
    if (at == kEntries && entries[e].load(std::memory_order_relaxed) == 0) at = e;
  }
  const bool full = at == kEntries;
  if (full) at = name >> 32U & (kEntries - 1);
  // Another thread may store here at once. Then one of two pairs is lost, or one pair stands here twice: no harm.
  entries[at].store(name | bits, std::memory_order_relaxed);
  return {.inserted = 1, .replaced = full};
}

}  // namespace dinghy::memo
