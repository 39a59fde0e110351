// How a memo's block of memory is divided: numbers of items, then logits of pairs.
#pragma once

#include <cstdint>
#include <optional>

namespace dinghy::memo {

/// Where the logit of a pair lies.
enum class Layout : std::uint32_t {
  dense,   // in a table of items x items
  hashed,  // somewhere in a bucket that the pair chooses
};

/// What everything else follows from, and so what a saved block has to say of itself.
struct Shape {
  std::uint32_t fields = 0;  // words of an item's tuple
  std::uint32_t items = 0;   // that can get a number
  Layout layout = Layout::dense;
  std::uint32_t bucket_bits = 0;  // hashed: the logarithm of the number of buckets
};

inline constexpr std::uint32_t kMostNumberBits = 28, kMostItems = 1U << kMostNumberBits, kMostFields = 1U << 12U;

/// The number of an item that has none: it was never seen, or there are no more numbers.
inline constexpr std::uint32_t kNone = UINT32_MAX;

/// Bits of a number below `items`, at least one.
std::uint32_t number_bits(std::uint32_t items) noexcept;

/// The block: ItemNumbers, behind them PairTable, each a multiple of a cache line. It starts on one, filled with zeros.
struct Sizes {
  Shape shape;
  std::uint64_t numbers = 0;  // bytes of either
  std::uint64_t pairs = 0;

  std::uint64_t bytes() const noexcept { return numbers + pairs; }
};

/// Nothing where no such memo can be, here or anywhere; so a shape from a file is checked.
std::optional<Sizes> sizes_of(const Shape& shape) noexcept;

/// The best memo of at most `bytes` for a catalogue of at most `most_items`: dense where that fits. Nothing where one
/// would be too small to be of use, which least_bytes() says, or where `fields` is out of range.
std::optional<Sizes> sizes_for(std::uint64_t bytes, std::uint64_t most_items, std::uint32_t fields) noexcept;

/// The fewest bytes that sizes_for() makes a memo of; 0 where it makes none of any.
std::uint64_t least_bytes(std::uint64_t most_items, std::uint32_t fields) noexcept;

}  // namespace dinghy::memo
