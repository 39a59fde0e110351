#include "engine/memo/sizes.h"

#include <algorithm>
#include <bit>
#include <cstddef>

#include "engine/memo/item_numbers.h"
#include "engine/memo/pair_table.h"

namespace dinghy::memo {
namespace {

/// What a process can ask for.
constexpr std::uint64_t kMostBlockBytes = SIZE_MAX / 2;

/// One request of 100 x 100 pairs fills a smaller table and finds nothing of the one before.
constexpr std::uint32_t kLeastBucketBits = 11, kLeastItems = 1024;

/// The most items whose numbers take no more than `bytes`, up to `most`.
std::uint32_t items_within(std::uint64_t bytes, std::uint32_t most, std::uint32_t fields) noexcept {
  std::uint32_t low = 0;
  while (low < most) {
    const std::uint32_t middle = most - (most - low) / 2;
    if (ItemNumbers::bytes(middle, fields) <= bytes) {
      low = middle;
    } else {
      most = middle - 1;
    }
  }
  return low;
}

std::optional<Sizes> within(const Shape& shape, std::uint64_t bytes) noexcept {
  const std::optional<Sizes> sizes = sizes_of(shape);
  return sizes && sizes->bytes() <= bytes ? sizes : std::nullopt;
}

std::optional<Sizes> hashed_within(std::uint64_t bytes, std::uint32_t most_items, std::uint32_t fields) noexcept {
  const std::uint32_t least_items = std::min(most_items, kLeastItems);
  for (std::uint32_t bits = PairTable::kMostBucketBits; bits >= kLeastBucketBits; --bits) {
    const std::uint64_t pairs = PairTable::hashed_bytes(bits);
    if (pairs > bytes) continue;
    const std::uint32_t most = std::min(most_items, PairTable::hashed_items(bits));
    const std::uint32_t items = items_within(bytes - pairs, most, fields);
    // Pairs whose items have no numbers are never found: where not all get one, a quarter of the bytes is theirs.
    if (items < least_items || (items < most && pairs > bytes / 4 * 3)) continue;
    return within(Shape{.fields = fields,
                        .items = items,
                        .layout = Layout::hashed,
                        .bucket_bits = std::min(bits, 2 * number_bits(items))},
                  bytes);
  }
  return std::nullopt;
}

}  // namespace

std::uint32_t number_bits(std::uint32_t items) noexcept {
  return std::max(1U, static_cast<std::uint32_t>(std::bit_width(items - 1)));
}

std::optional<Sizes> sizes_of(const Shape& shape) noexcept {
  if (shape.items == 0 || shape.items > kMostItems || shape.fields == 0 || shape.fields > kMostFields) return {};
  Sizes sizes{.shape = shape, .numbers = ItemNumbers::bytes(shape.items, shape.fields), .pairs = 0};
  if (shape.layout == Layout::dense) {
    if (shape.bucket_bits != 0) return {};
    sizes.pairs = PairTable::dense_bytes(shape.items);
  } else if (shape.layout == Layout::hashed) {
    if (shape.bucket_bits > std::min(PairTable::kMostBucketBits, 2 * number_bits(shape.items))) return {};
    if (shape.items > PairTable::hashed_items(shape.bucket_bits)) return {};
    sizes.pairs = PairTable::hashed_bytes(shape.bucket_bits);
  } else {
    return {};
  }
  if (sizes.bytes() > kMostBlockBytes) return {};
  return sizes;
}

std::optional<Sizes> sizes_for(std::uint64_t bytes, std::uint64_t most_items, std::uint32_t fields) noexcept {
  if (most_items == 0 || fields == 0 || fields > kMostFields) return {};
  bytes = std::min(bytes, kMostBlockBytes);
  const auto items = static_cast<std::uint32_t>(std::min<std::uint64_t>(most_items, kMostItems));
  if (items == most_items) {
    const auto dense =
        within(Shape{.fields = fields, .items = items, .layout = Layout::dense, .bucket_bits = 0}, bytes);
    if (dense) return dense;
  }
  return hashed_within(bytes, items, fields);
}

std::uint64_t least_bytes(std::uint64_t most_items, std::uint32_t fields) noexcept {
  std::uint64_t low = 1, high = kMostBlockBytes;
  if (!sizes_for(high, most_items, fields)) return 0;
  while (low < high) {
    const std::uint64_t middle = low + (high - low) / 2;
    if (sizes_for(middle, most_items, fields)) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return high;
}

}  // namespace dinghy::memo
