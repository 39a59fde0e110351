// The logits of pairs of items, by the items' numbers: a table that threads share without locks.
#pragma once

#include <cstddef>
#include <cstdint>

#include "engine/memo/pair_mix.h"
#include "engine/memo/sizes.h"

namespace dinghy::memo {

/// A view of a region of Sizes::pairs bytes. What find() returns for a pair is what insert() was given for it, bit for
/// bit; a pair that was inserted may be missing all the same. Any number of threads may find and insert at once; none
/// waits for another. A request has one query and a list of behaviours, so both take a row.
///
/// Layout `dense`: an u32 for each query and behaviour, row after row: the logit's bits XOR kEmptyBits, so that 0 is
/// empty. `hashed`: 2^bucket_bits buckets, a line each, of eight u64 that are 0 where empty. A pair goes through
/// PairMix; the lowest bucket_bits choose the bucket, the others stand in bits 32 to 62 of the word, the logit in bits
/// 0 to 31; bit 63 is set. So the word and its bucket name the pair exactly, and no reader sees half of one.
///
/// Bytes of any origin are safe to look into.
class PairTable {
 public:
  /// A signalling NaN, which no arithmetic returns; a logit of these bits is not stored.
  static constexpr std::uint32_t kEmptyBits = 0x7f8d1a9eu;
  static constexpr std::uint32_t kMostBucketBits = 32;

  PairTable(const Shape& shape, std::byte* memory) noexcept;
  /// Memory that may not be written: insert() inserts nothing.
  PairTable(const Shape& shape, const std::byte* memory) noexcept;

  static std::uint64_t dense_bytes(std::uint32_t items) noexcept;
  static std::uint64_t hashed_bytes(std::uint32_t bucket_bits) noexcept;
  /// How many logits there is room for.
  static std::uint64_t entries(const Shape& shape) noexcept;
  /// The most items whose pairs a word and its bucket can name.
  static std::uint32_t hashed_items(std::uint32_t bucket_bits) noexcept;

  /// logits[i] of (query, behaviors[i]) for each that is there; the places of the others, whose logits may be
  /// anything, in ascending order in `missing`, which has room for `count`. Returns how many are missing. kNone is.
  std::size_t find(std::uint32_t query, const std::uint32_t* behaviors, std::size_t count, float* logits,
                   std::uint32_t* missing) const noexcept;

  /// Has what find() will read of these pairs brought near, without waiting.
  void prefetch(std::uint32_t query, const std::uint32_t* behaviors, std::size_t count) const noexcept;

  struct Inserted {
    std::size_t inserted = 0;  // those that were not there
    std::size_t replaced = 0;  // of them, those in the place of another pair
  };
  /// logits[p] of (query, behaviors[p]) for each of `count` places p, such as find() lists.
  Inserted insert(std::uint32_t query, const std::uint32_t* behaviors, const std::uint32_t* places, std::size_t count,
                  const float* logits) noexcept;

 private:
  std::size_t find_dense(std::uint32_t query, const std::uint32_t* behaviors, std::size_t count, float* logits,
                         std::uint32_t* missing) const noexcept;
  std::size_t find_hashed(std::uint32_t query, const std::uint32_t* behaviors, std::size_t count, float* logits,
                          std::uint32_t* missing) const noexcept;
  Inserted insert_dense(std::uint32_t query, std::uint32_t behavior, std::uint32_t bits) noexcept;
  Inserted insert_hashed(std::uint32_t query, std::uint32_t behavior, std::uint32_t bits) noexcept;

  /// The line of a pair that went through `mix_`, and what its word says of it.
  void* bucket(std::uint64_t mixed) const noexcept { return memory_ + (mixed & bucket_mask_) * 64; }
  std::uint64_t name_of(std::uint64_t mixed) const noexcept {
    return std::uint64_t{1} << 63U | mixed >> bucket_bits_ << 32U;
  }

  std::byte* memory_ = nullptr;
  PairMix mix_;
  std::uint64_t bucket_mask_ = 0;
  std::uint32_t items_ = 0, bucket_bits_ = 0;
  Layout layout_ = Layout::dense;
  bool writable_ = false;
};

}  // namespace dinghy::memo
